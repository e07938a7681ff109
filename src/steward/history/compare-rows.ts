import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parsePondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import { contentTable } from '../../queries/content-table.js';
import { columnsCompared, endsWithRows, lackOfKey, rowComparison } from '../../queries/row-comparison.js';
import { readTransaction } from '../commit/read-transaction.js';
import type { RowComparison, RowComparisonRange } from '../comparisons.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { queryTables } from '../pond/query-pond.js';
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
    const { before, after } = ends;
    const options = { operation: 'diff', ...(signal === undefined ? {} : { signal }) };
    const bounds = {
      ...(signal === undefined ? {} : { signal }),
      ...(maxRows === undefined ? {} : { maxRows }),
    };
    const rows = await run(
      readTransaction(pond)(
        ({ fs: older }) =>
          readTransaction(pond)(
            ({ fs: newer }) => {
              const ask = (sql: string) =>
                queryTables(pond, sql, bounds, (readable) => ({
                  tables: () =>
                    TE.sequenceSeqArray([
                      ...(before === null
                        ? []
                        : [readable(contentTable(older, { name: 'before', path: before }))]),
                      ...(after === null
                        ? []
                        : [readable(contentTable(newer, { name: 'after', path: after }))]),
                    ]),
                }));
              return pipe(
                ask(rowComparison(ends, key)),
                TE.orElse((error) =>
                  key.length === 0 || error._tag !== 'QueryFailed'
                    ? TE.left(error)
                    : pipe(
                        ask(columnsCompared(ends)),
                        TE.flatMap(({ rows: names }) => {
                          const columns = names.map(([name]) => String(name));
                          return TE.left<PondError>(lackOfKey(wanted, key, columns) ?? error);
                        }),
                      ),
                ),
              );
            },
            { ...options, at: to },
          ),
        { ...options, at: from },
      ),
    );
    return { from, to, ...rows };
  });
