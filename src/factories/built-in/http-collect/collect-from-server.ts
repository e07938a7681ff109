import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printExactJson } from '../../../domain/documents/exact-json.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { type PondPath, parentOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { FactoryError, GatherContext, Gathered, WriterContext } from '../../factory.js';
import type { CollectedRow } from '../collecting/csv-rows.js';
import { failingOf } from '../collecting/failing.js';
import { leftOutReport } from '../collecting/left-out-report.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { patientRequests } from '../http/patient-requests.js';
import { newestTime, newRows } from './append-new-rows.js';
import { type Answers, askServer, bytesOf } from './ask-server.js';
import {
  type CollectedState,
  isSameProgress,
  isSameState,
  readState,
  statePath,
  stateText,
  withoutConditions,
} from './collected-state.js';
import type { HttpCollectConfig } from './http-collect-config.js';
import { withParameter } from './page-turning.js';

/** Asks the server for what the pond does not have, and returns what writes it. */
export const collectFromServer = (
  deps: RequestDeps,
  context: GatherContext,
  config: HttpCollectConfig,
): TaskEither<FactoryError, Gathered> =>
  steps(async ({ run, fail }) => {
    const { failed, orFailed } = failingOf('http-collect', context);
    const url = URL.canParse(config.url) ? new URL(config.url) : null;
    // Configurations are checked before their variables are resolved, so only now the address is known.
    if (url === null || !/^https?:$/.test(url.protocol))
      return fail(
        failed('config.url is not an address that begins with https:// or http://', { retryable: false }),
      );
    const { before, isThere, newest } = await run(orFailed(knownBefore(context.fs, config)));
    const requests = patientRequests(deps, context, {
      timeoutMs: config.timeout ?? 60_000,
      maxAnswerBytes: bytesOf(config),
      perMinute: config.requests_per_minute ?? 600,
    });
    const answers = await askServer(requests, config, firstAddress(config, url, newest, before), {
      before,
      isThere,
    });
    if (isLeft(answers)) {
      const { message, retryable, retryAfterMs } = answers.left;
      return fail(failed(message, { retryable, ...(retryAfterMs === null ? {} : { retryAfterMs }) }));
    }
    const { requests: count, bytes } = requests.spent();
    const asked = { answers: answers.right, before, spent: { requests: count, bytes } };
    return { write: (writer) => writeAnswers(deps, writer, config, asked) };
  });

/** Reads what the pond has, and what the server wants to be told. */
const knownBefore = (fs: GatherContext['fs'], config: HttpCollectConfig) =>
  TE.tryCatch(
    async () => {
      const exists = await fs.exists(config.into)();
      if (isLeft(exists)) throw exists.left;
      return {
        before: await readState(fs, config.into),
        isThere: exists.right,
        newest: config.as === 'series' ? await newestTime(fs, config) : null,
      };
    },
    (thrown) => thrown,
  );

/** The address with the parameters that say what is new. */
const firstAddress = (
  { since, cursor, page, overlap = 0 }: HttpCollectConfig,
  url: URL,
  newest: number | null,
  before: CollectedState,
): URL => {
  let address = url;
  if (page?.number !== undefined && page.first !== undefined)
    address = withParameter(address, page.number, String(page.first));
  if (since !== undefined) {
    const from = newest === null ? since.start : SINCE[since.format ?? 'iso'](newest - overlap * 1000);
    if (from !== undefined) address = withParameter(address, since.parameter, from);
  }
  if (cursor === undefined) return address;
  const from = before.cursor === '' ? cursor.start : before.cursor;
  return from === undefined ? address : withParameter(address, cursor.parameter, from);
};

const SINCE: Readonly<Record<'iso' | 'date' | 'seconds' | 'milliseconds', (micros: number) => string>> = {
  iso: (micros) => new Date(Math.floor(micros / 1000)).toISOString(),
  date: (micros) => new Date(Math.floor(micros / 1000)).toISOString().slice(0, 10),
  seconds: (micros) => String(Math.floor(micros / 1e6)),
  milliseconds: (micros) => String(Math.floor(micros / 1000)),
};

interface Asked {
  readonly answers: Answers;
  readonly before: CollectedState;
  readonly spent: JsonObject;
}

/** Writes what is new, and what the server wants to be told the next time, in one transaction. */
const writeAnswers = (
  deps: RequestDeps,
  context: WriterContext,
  config: HttpCollectConfig,
  { answers, before, spent }: Asked,
): TaskEither<FactoryError, readonly string[]> =>
  steps(async ({ run, fail }) => {
    const { failed, orFailed } = failingOf('http-collect', context);
    const { fs } = context;
    const { into } = config;
    const told = (report: JsonObject): readonly string[] => {
      context.report({ into, ...report, ...spent });
      return [];
    };
    if (answers._tag === 'NotModified') return told({ state: 'not modified' });
    const thrown = (error: unknown) => error;
    const now = await run(orFailed(TE.tryCatch(() => readState(fs, into), thrown)));
    // Another run was faster: what came after its cursor is its own, and this one's would be there twice.
    if (!isSameProgress(now, before)) return told({ state: 'overtaken' });
    const makeDirectory = orFailed(fs.mkdirAll(parentOf(into as PondPath)));
    const remember = async (state: CollectedState): Promise<void> => {
      if (isSameState(state, now)) return;
      await run(makeDirectory);
      await run(orFailed(fs.write(statePath(into), Buffer.from(stateText(state)))));
    };
    if (answers._tag === 'File') {
      const found = await fs.stat(into)();
      const digest = createHash('sha256').update(answers.body).digest('hex');
      await remember(answers.state);
      if (!isLeft(found) && found.right.sha256 === digest) return told({ state: 'unchanged' });
      await run(makeDirectory);
      const { version } = await run(orFailed(fs.write(into, answers.body)));
      return told({ state: 'written', version, size: answers.body.length });
    }
    const { version, leftOut, ahead } = await run(
      orFailed(TE.tryCatch(() => newRows(fs, config, answers.rows, deps.clock.nowMicros()), thrown)),
    );
    const state = afterRows(config, answers.state, ahead);
    if (isLeft(state)) return fail(failed(state.left, { retryable: false }));
    await remember(state.right);
    const counts = { pages: answers.pages, ...leftOutReport(leftOut) };
    if (version === null) return told({ state: 'no news', rows: 0, ...counts });
    await run(makeDirectory);
    const written = await run(orFailed(fs.appendToSeries(into, version.bytes, version.options)));
    return told({ state: 'appended', rows: version.rows, version: written.version, ...counts });
  });

/** Rows that are held until their time comes, and their bytes. */
const MOST_HELD = 1_000;
const MOST_HELD_BYTES = 1024 * 1024;

/**
 * The state after rows of which some are ahead of their time. Where the server says what is new, it will not send these again, so they
 * are held; otherwise it is asked again for all that it has, whether that has changed or not.
 */
const afterRows = (
  { cursor }: HttpCollectConfig,
  state: CollectedState,
  ahead: readonly CollectedRow[],
): Either<string, CollectedState> => {
  if (cursor === undefined) return right(ahead.length === 0 ? state : withoutConditions(state));
  const held = ahead.map(printExactJson);
  return held.length > MOST_HELD || held.join('').length > MOST_HELD_BYTES
    ? left(
        `${held.length} rows are further ahead of this machine's clock than config.ahead, and at most ${MOST_HELD} of them in 1 MiB are held until their time comes: raise config.ahead, or set the clock`,
      )
    : right({ ...state, held });
};
