import * as t from 'io-ts';
import { differenceDocument } from '../../../documents/difference-document.js';
import { pathHistoryDocument } from '../../../documents/path-history-document.js';
import { steps } from '../../../effects/steps.js';
import { Differences, PathHistory, QueryResult } from '../codecs/content-shapes.js';
import { PathText, TxnSeqText, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import { inTime, within } from '../exchange/bound.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const COMMITS = 50;
const MOST_COMMITS = 500;
const DIFFERENCES = 500;
const MOST_DIFFERENCES = 5_000;
const ROWS = 200;
const MOST_ROWS = 5_000;

const OfPond = asked({ pond: t.string }, {});

export const differenceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/diff',
    summary:
      'Compares the states after two transactions; `to`: default the newest. Of `total` differences it lists `limit` from `offset` on.',
    params: OfPond,
    query: asked(
      { from: TxnSeqText },
      {
        to: TxnSeqText,
        path: PathText,
        offset: wholeText(0, 100_000_000),
        limit: wholeText(1, MOST_DIFFERENCES),
      },
    ),
    body: null,
    answer: Differences,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { offset = 0, limit = DIFFERENCES, ...range } }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { from, to, differences } = await run(steward.compare(range));
        return documentOf({
          from,
          to,
          total: differences.length,
          differences: differences.slice(offset, offset + limit).map(differenceDocument),
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/diff/rows',
    summary:
      'Returns the rows in which a CSV, JSON or Parquet file, a table or a series differs between two states. The column `change` says `added` or `removed`, with `key` (columns between commas) `before` and `after`; `times` how often. `has_rows` is false where it does not differ, or has no rows.',
    params: OfPond,
    query: asked(
      { path: PathText, from: TxnSeqText },
      { to: TxnSeqText, key: t.string, limit: wholeText(1, MOST_ROWS) },
    ),
    body: null,
    answer: t.intersection([QueryResult, t.type({ has_rows: t.boolean })]),
    changes: false,
    handle: ({ interface: { ponds, queries, clock }, params, query, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { limit = ROWS, key = '', ...range } = query;
        const columns = key.split(',').filter((column) => column !== '');
        // One row more than are shown, so that it is known whether there are more.
        const asking = { ...range, key: columns, maxRows: limit + 1 };
        const found = await run(
          within(
            queries,
            inTime(clock, signal, (ending) => steward.compareRows({ ...asking, signal: ending })),
          ),
        );
        const { columns: names = [], rows = [] } = found ?? {};
        return documentOf({
          has_rows: found !== null,
          columns: names,
          rows: rows.slice(0, limit),
          is_cut: rows.length > limit,
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/history',
    summary: 'Lists the commits that touched a path or what is below it, the newest first, over renames.',
    params: OfPond,
    query: asked({ path: PathText }, { limit: wholeText(1, MOST_COMMITS) }),
    body: null,
    answer: PathHistory,
    changes: false,
    handle: ({ interface: { ponds }, params, query }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const commits = await run(steward.history(query.path, { limit: query.limit ?? COMMITS }));
        return documentOf(pathHistoryDocument(query.path, commits));
      }),
  }),
];
