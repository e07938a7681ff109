import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { type PondPath, parentOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { FactoryError, GatherContext, Gathered, WriterContext } from '../../factory.js';
import type { CollectorDeps } from '../collecting/collector-deps.js';
import { failingOf } from '../collecting/failing.js';
import { patientRequests } from '../http/patient-requests.js';
import { newestTime, newRows } from './append-new-rows.js';
import { type Answers, askServer, bytesOf } from './ask-server.js';
import { type CollectedState, readState, statePath, stateText } from './collected-state.js';
import type { HttpCollectConfig } from './http-collect-config.js';
import { withParameter } from './page-turning.js';

/** Asks the server for what the pond does not have, and returns what writes it. */
export const collectFromServer = (
  deps: CollectorDeps,
  context: GatherContext,
  config: HttpCollectConfig,
): TaskEither<FactoryError, Gathered> =>
  steps(async ({ fail }) => {
    const { failed } = failingOf('http-collect', context, deps.describe);
    const url = URL.canParse(config.url) ? new URL(config.url) : null;
    // Configurations are checked before their variables are resolved, so only now the address is known.
    if (url === null || !/^https?:$/.test(url.protocol))
      return fail(
        failed('config.url is not an address that begins with https:// or http://', { retryable: false }),
      );
    const before = await readState(context.fs, config.into);
    const newest = config.as === 'series' ? await newestTime(context.fs, config) : null;
    const requests = patientRequests(deps, context, {
      timeoutMs: config.timeout ?? 60_000,
      maxAnswerBytes: bytesOf(config),
      perMinute: config.requests_per_minute ?? 600,
    });
    const answers = await askServer(requests, config, firstAddress(config, url, newest, before), before);
    if (isLeft(answers)) {
      const { message, retryable, retryAfterMs } = answers.left;
      return fail(failed(message, { retryable, ...(retryAfterMs === null ? {} : { retryAfterMs }) }));
    }
    const { requests: count, bytes } = requests.spent();
    const asked = { answers: answers.right, before, spent: { requests: count, bytes } };
    return { write: (writer) => writeAnswers(deps, writer, config, asked) };
  });

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
  deps: CollectorDeps,
  context: WriterContext,
  config: HttpCollectConfig,
  { answers, before, spent }: Asked,
): TaskEither<FactoryError, readonly string[]> =>
  steps(async ({ run }) => {
    const { orFailed } = failingOf('http-collect', context, deps.describe);
    const { fs } = context;
    const { into } = config;
    const told = (report: JsonObject): readonly string[] => {
      context.report({ into, ...report, ...spent });
      return [];
    };
    if (answers._tag === 'NotModified') return told({ state: 'not modified' });
    // Another run was faster: what came after its cursor is its own, and this one's would be there twice.
    if ((await readState(fs, into)).cursor !== before.cursor) return told({ state: 'overtaken' });
    const remember = async (): Promise<void> => {
      const text = stateText(answers.state);
      if (text !== null && text !== stateText(before))
        await run(orFailed(fs.write(statePath(into), Buffer.from(text))));
    };
    if (answers._tag === 'File') {
      const found = await fs.stat(into)();
      const digest = createHash('sha256').update(answers.body).digest('hex');
      if (!isLeft(found) && found.right.sha256 === digest) return told({ state: 'unchanged' });
      await run(orFailed(fs.mkdirAll(parentOf(into as PondPath))));
      const { version } = await run(orFailed(fs.write(into, answers.body)));
      await remember();
      return told({ state: 'written', version, size: answers.body.length });
    }
    const { version, leftOut } = await newRows(fs, config, answers.rows, deps.clock.nowMicros());
    const counts = { pages: answers.pages, ...leftOutReport(leftOut) };
    if (version === null) return told({ state: 'no news', rows: 0, ...counts });
    await run(orFailed(fs.mkdirAll(parentOf(into as PondPath))));
    const written = await run(orFailed(fs.appendToSeries(into, version.bytes, version.options)));
    await remember();
    return told({ state: 'appended', rows: version.rows, version: written.version, ...counts });
  });

const leftOutReport = (leftOut: object): JsonObject => {
  const some = Object.entries(leftOut).filter(([, count]) => count > 0);
  return some.length === 0 ? {} : { left_out: Object.fromEntries(some) };
};
