import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { steps } from '../../../effects/steps.js';
import type { WrittenRows } from '../../../ports/query-engine.js';
import { QueryResult } from '../codecs/content-shapes.js';
import { PathText, TxnSeq, TxnSeqText, whole, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import { inTime, streamedWithin, within } from '../exchange/bound.js';
import type { HttpError } from '../exchange/http-error.js';
import type { Interface } from '../exchange/interface.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import type { ShownPond } from '../exchange/shown-pond.js';

const ROWS = 1_000;
const MOST_ROWS = 50_000;

/** Characters of an answer, which is one document. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

const OfPond = asked({ pond: t.string }, {});
const Value = t.union([t.string, t.number, t.boolean, t.null]);

/** Milliseconds for which rows may be written to somebody's file. */
const LONGEST_FILE = 600_000;

const WRITTEN = {
  parquet: { format: 'parquet', compression: 'snappy' },
  csv: { format: 'csv' },
  json: { format: 'json-array' },
  jsonl: { format: 'json' },
} as const satisfies Readonly<Record<string, WrittenRows>>;

const Format = t.keyof({ parquet: null, csv: null, json: null, jsonl: null });

export const queryRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/ponds/{pond}/sql',
    summary:
      'Evaluates one query that asks; tables, series, CSV and JSON are named by their path, or a pattern, in quotes. It changes nothing and reaches nothing else.',
    params: OfPond,
    query: asked({}, {}),
    body: asked(
      { sql: t.string },
      { params: t.record(t.string, Value), at: TxnSeq, limit: whole(1, MOST_ROWS) },
    ),
    answer: QueryResult,
    changes: false,
    handle: (request) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const pond = take(pondNamed(request.interface, request.params.pond));
        return run(evaluated(request, pond, request.body));
      }),
  }),
  route({
    method: 'POST',
    path: '/ponds/{pond}/sql/file',
    summary:
      'Evaluates the same, and returns all rows as a file: Parquet, CSV, JSON or JSON lines. What goes wrong after its first bytes ends it before its end.',
    params: OfPond,
    query: asked({}, {}),
    body: asked({ sql: t.string, format: Format }, { params: t.record(t.string, Value), at: TxnSeq }),
    answer: null,
    changes: false,
    handle: ({ interface: shown, params: { pond }, body, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed(shown, pond));
        const { sql, format, params, at } = body;
        const { queries: places, clock } = shown;
        const bytes = await run(
          streamedWithin<HttpError>({ places, clock, gone: signal, longestMs: LONGEST_FILE }, (ending) =>
            steward.queryBytes(sql, {
              as: WRITTEN[format],
              signal: ending,
              ...(params === undefined ? {} : { params }),
              ...(at === undefined ? {} : { at }),
            }),
          ),
        );
        return { _tag: 'Bytes', bytes, name: `result.${format}` };
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/files/rows',
    summary: 'Returns rows of a CSV, JSON or Parquet file, a table or a series.',
    params: OfPond,
    query: asked(
      { path: PathText },
      { at: TxnSeqText, limit: wholeText(1, MOST_ROWS), offset: wholeText(0, 1_000_000_000) },
    ),
    body: null,
    answer: QueryResult,
    changes: false,
    handle: (request) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const pond = take(pondNamed(request.interface, request.params.pond));
        const { path, at, limit = ROWS, offset = 0 } = request.query;
        // One row more than are shown, so that it is known whether there are more.
        const sql = `SELECT * FROM '${path.replaceAll("'", "''")}' LIMIT ${limit + 1} OFFSET ${offset}`;
        return run(evaluated(request, pond, { sql, limit, ...(at === undefined ? {} : { at }) }));
      }),
  }),
];

interface QueryAsked {
  readonly sql: string;
  readonly params?: Readonly<Record<string, string | number | boolean | null>>;
  readonly at?: number;
  readonly limit?: number;
}

const evaluated = (
  { interface: { queries, clock }, signal }: { readonly interface: Interface; readonly signal: AbortSignal },
  { steward }: ShownPond,
  { sql, params, at, limit = ROWS }: QueryAsked,
): TaskEither<HttpError, Answer> =>
  within(
    queries,
    inTime(clock, signal, (ending) =>
      steps(async ({ run }) => {
        const { columns, rows } = await run(
          steward.query(sql, {
            signal: ending,
            maxRows: limit + 1,
            maxCharacters: MOST_CHARACTERS,
            ...(params === undefined ? {} : { params }),
            ...(at === undefined ? {} : { at }),
          }),
        );
        return documentOf({ columns, rows: rows.slice(0, limit), is_cut: rows.length > limit });
      }),
    ),
  );
