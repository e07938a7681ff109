import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { parseExactJson } from '../../../domain/documents/exact-json.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import type { CollectedRow } from '../collecting/csv-rows.js';
import { saidText } from '../collecting/said-text.js';
import { describeAnswer } from '../http/judge-answer.js';
import type { HttpProblem, PatientRequests } from '../http/patient-requests.js';
import { answerRows, valueAt } from './answer-rows.js';
import { type CollectedState, conditionalHeaders, stateAfter } from './collected-state.js';
import { type GatheredRows, gatheredRows } from './gathered-rows.js';
import type { HttpCollectConfig } from './http-collect-config.js';
import { turnPage, within } from './page-turning.js';

/** Responses that a run got. */
export type Answers =
  /** The server says that nothing has changed, or that there is nothing. */
  | { readonly _tag: 'NotModified' }
  | { readonly _tag: 'File'; readonly body: Uint8Array; readonly state: CollectedState }
  | {
      readonly _tag: 'Rows';
      /** Those that were held, and those of all pages. */
      readonly rows: GatheredRows;
      readonly pages: number;
      readonly state: CollectedState;
    };

const MIB = 1024 * 1024;
const USUAL_MIB = 64;
const USUAL_PAGES = 1_000;
const MOST_REDIRECTS = 5;

/** Bytes of all answers of a run. */
export const bytesOf = ({ max_mib = USUAL_MIB }: HttpCollectConfig): number => max_mib * MIB;

/** Knowledge that the pond has before it asks. */
export interface Asked {
  readonly before: CollectedState;
  /** Tells whether there is what was collected before: else nothing has changed would leave it missing. */
  readonly isThere: boolean;
}

/** Asks for one page after another. Rows count only where all pages were read: the newest may come first. */
export const askServer = async (
  requests: PatientRequests,
  config: HttpCollectConfig,
  first: URL,
  { before, isThere }: Asked,
): Promise<Either<HttpProblem, Answers>> => {
  const { headers = {}, as, page, cursor, max_pages = USUAL_PAGES } = config;
  const rows = gatheredRows({
    isWanted: (name) =>
      config.columns === undefined || name === config.time_column || Object.hasOwn(config.columns, name),
    maxValues: bytesOf(config),
  });
  for (const row of before.held) rows.add(parseExactJson(row) as CollectedRow);
  const seen = new Set<string>();
  /** Digest of the page before. */
  let previous = '';
  let state = before;
  let url = first;
  for (let pages = 1; ; pages += 1) {
    if (pages > max_pages)
      return failed(url, `has more than ${max_pages} pages: raise config.max_pages, or narrow config.since`);
    if (seen.has(url.href)) return failed(url, 'named a page that it had named before');
    seen.add(url.href);
    const conditions = pages === 1 && isThere ? conditionalHeaders(before, url, config) : {};
    const asked = await follow(requests, url, {
      accept: ACCEPTED[config.format ?? 'json'],
      ...headers,
      ...conditions,
    });
    if (isLeft(asked)) return asked;
    const { status, body } = asked.right;
    // Many servers have no page of a number after the last one.
    if (status === 404 && pages > 1 && page?.number !== undefined)
      return right({ _tag: 'Rows', rows, pages: pages - 1, state });
    if ((status === 304 && pages === 1) || (status === 204 && as !== 'series'))
      return right({ _tag: 'NotModified' });
    if (status !== 200 && status !== 204)
      return left({
        message: `${url.origin} ${describeAnswer(asked.right)}`,
        retryable: status < 400,
        retryAfterMs: null,
      });
    if (requests.spent().bytes > bytesOf(config))
      return failed(
        url,
        `answered more than ${bytesOf(config) / MIB} MiB: raise config.max_mib, or narrow config.since`,
      );
    if (pages === 1) state = stateAfter(url, asked.right, config, before);
    if (as !== 'series') return right({ _tag: 'File', body, state });
    const read =
      status === 204 ? right({ document: null, rows: 0 }) : answerRows(asked.right, config, rows.add);
    if (isLeft(read)) return failed(url, read.left);
    if (rows.areTooMany())
      return failed(
        url,
        `has ${rows.names().length} columns in ${rows.count()} rows, which are too many values: say in config.columns which are wanted`,
      );
    if (cursor !== undefined)
      state = { ...state, cursor: saidText(valueAt(read.right.document, cursor.from)) || state.cursor };
    const turned = turnPage(page, { url, answer: asked.right, read: read.right, pages, previous });
    if (isLeft(turned)) return failed(url, turned.left);
    if (turned.right.next === null) return right({ _tag: 'Rows', rows, pages, state });
    previous = turned.right.digest;
    url = turned.right.next;
  }
};

const ACCEPTED = {
  json: 'application/json, */*;q=0.5',
  jsonl: 'application/x-ndjson, application/jsonl, */*;q=0.5',
  csv: 'text/csv, */*;q=0.5',
};

const failed = (url: URL, message: string): Either<HttpProblem, never> =>
  left({ message: `${url.origin} ${message}`, retryable: false, retryAfterMs: null });

/** The answer where redirects on the same host end; one to another host is refused. */
const follow = async (
  requests: PatientRequests,
  from: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Either<HttpProblem, HttpAnswer>> => {
  let url = from;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await requests.ask({ requestClass: 'http-collect', url, headers });
    if (isLeft(answer)) return answer;
    const { status, headers: said } = answer.right;
    if (![301, 302, 303, 307, 308].includes(status)) return answer;
    if (redirects >= MOST_REDIRECTS) return failed(url, `redirects more than ${MOST_REDIRECTS} times`);
    const next = within(url, said.location ?? '');
    if (isLeft(next)) return failed(url, next.left);
    if (next.right === null) return failed(url, `answered ${status}, a redirect to nowhere`);
    url = next.right;
  }
};
