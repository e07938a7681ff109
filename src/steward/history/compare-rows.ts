import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parsePondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { QueryRows } from '../../ports/query-engine.js';
import { contentTable } from '../../queries/content-table.js';
import { differingRows, endsWithRows, type RowsCompared } from '../../queries/row-comparison.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import { readTransaction } from '../commit/read-transaction.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { queryTables } from '../pond/query-pond.js';
import type { RowComparison, RowComparisonRange } from '../shapes/comparisons.js';
import type { QueryPondOptions } from '../shapes/query-options.js';
import { compare } from './compare.js';

/** Returns the rows in which one path differs between the states of two transactions; null where there are none to compare. */
export const compareRows = (
  pond: Pond,
  { path, key = [], maxRows, signal, ...range }: RowComparisonRange,
): TE.TaskEither<PondError, RowComparison | null> =>
  steps(async ({ run, take }) => {
    const wanted = take(parsePondPath(path));
    const { from, to, differences } = await run(compare(pond, { ...range, path: wanted }));
    const difference = differences.find((one) => one.path === wanted);
    const ends = difference === undefined ? null : endsWithRows(difference);
    if (ends === null) return null;
    const interrupted = signal === undefined ? {} : { signal };
    const bounds = { ...interrupted, ...(maxRows === undefined ? {} : { maxRows }) };
    const options = { operation: 'diff', ...interrupted };
    const rows = await run(
      readTransaction(pond)(
        ({ fs: older }) =>
          readTransaction(pond)(
            ({ fs: newer }) => rowsIn(pond, { path: wanted, ends, key }, { older, newer }, bounds),
            { ...options, at: to },
          ),
        { ...options, at: from },
      ),
    );
    return { from, to, ...rows };
  });

const rowsIn = (
  pond: Pond,
  compared: RowsCompared,
  { older, newer }: { readonly older: PondReader; readonly newer: PondReader },
  bounds: QueryPondOptions,
): TE.TaskEither<PondError, QueryRows> => {
  const { before, after } = compared.ends;
  const contents = [
    ...(before === null ? [] : [contentTable(older, { name: 'before', path: before })]),
    ...(after === null ? [] : [contentTable(newer, { name: 'after', path: after })]),
  ];
  const ask = (sql: string) =>
    queryTables(pond, sql, bounds, (readable) => ({
      tables: () => TE.sequenceSeqArray(contents.map(readable)),
    }));
  return differingRows<PondError, QueryRows>(compared, ask, (sql) =>
    pipe(
      ask(sql),
      TE.map(({ rows }) => rows.map(([name]) => String(name))),
    ),
  );
};
