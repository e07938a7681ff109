import { isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { Difference } from '../domain/tree/difference.js';
import type { QueryFailed } from '../ports/query-engine.js';
import { contentFormat } from './content-format.js';

/** Ends of a difference that have rows: the path of each in its own state; null: that end has none. */
export interface ComparedEnds {
  readonly before: PondPath | null;
  readonly after: PondPath | null;
}

/** Two contents that are compared row by row, by a key or as multisets. */
export interface RowsCompared {
  readonly path: PondPath;
  readonly ends: ComparedEnds;
  readonly key: readonly string[];
}

/**
 * Asks for the rows that differ, by queries over the tables `before` and `after`. Where that fails because a content lacks a column of the key,
 * the error says so.
 */
export const differingRows = <E extends { readonly _tag: string }, A>(
  { path, ends, key }: RowsCompared,
  ask: (sql: string) => TE.TaskEither<E, A>,
  askForNames: (sql: string) => TE.TaskEither<E, readonly string[]>,
): TE.TaskEither<E | QueryFailed, A> =>
  pipe(
    ask(rowComparison(ends, key)),
    TE.orElse((error) =>
      key.length === 0 || error._tag !== 'QueryFailed'
        ? TE.left<E | QueryFailed, A>(error)
        : pipe(
            askForNames(columnsCompared(ends)),
            TE.flatMap((columns) => TE.left<E | QueryFailed, A>(lackOfKey(path, key, columns) ?? error)),
          ),
    ),
  );

/** Returns the ends that have rows; null for what has none: directories, symlinks, dynamic nodes, files of other formats, what was only renamed. */
export const endsWithRows = (difference: Difference): ComparedEnds | null => {
  if (difference.kind === 'renamed' && !difference.hasNewContent) return null;
  const oldPath = difference.kind === 'renamed' ? difference.from : difference.path;
  const before = hasRows(difference.before, oldPath) ? oldPath : null;
  const after = hasRows(difference.after, difference.path) ? difference.path : null;
  return before === null && after === null ? null : { before, after };
};

const CONTENT = new Set(['file', 'table', 'series']);

const hasRows = (state: Difference['before'], path: PondPath): boolean =>
  state !== null &&
  CONTENT.has(state.entryType) &&
  isRight(contentFormat({ entryType: state.entryType, path }));

/**
 * A query for the rows that differ between the tables `before` and `after`, as multisets, in one aggregation over both: rows
 * that are equally often in both cancel out, also where columns were added. A column `change` says `added` or `removed`, with
 * a key `before` and `after` where both ends have a row of that key, and `times` how often.
 */
const rowComparison = ({ before, after }: ComparedEnds, key: readonly string[]): string => {
  const ends = [
    ...(before === null ? [] : ['SELECT -1 AS pond_end, * FROM before']),
    ...(after === null ? [] : ['SELECT 1 AS pond_end, * FROM after']),
  ];
  const rows = `SELECT sum(pond_end) AS pond_count, * EXCLUDE (pond_end) FROM (${ends.join(' UNION ALL BY NAME ')}) GROUP BY ALL HAVING sum(pond_end) <> 0`;
  if (key.length === 0)
    return `SELECT CASE WHEN pond_count < 0 THEN 'removed' ELSE 'added' END AS change, abs(pond_count)::BIGINT AS times, * EXCLUDE (pond_count) FROM (${rows}) ORDER BY ALL`;
  const columns = key.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
  const isPaired = `min(pond_count) OVER (PARTITION BY ${columns}) < 0 AND max(pond_count) OVER (PARTITION BY ${columns}) > 0`;
  return `SELECT CASE WHEN ${isPaired} THEN CASE WHEN pond_count < 0 THEN 'before' ELSE 'after' END WHEN pond_count < 0 THEN 'removed' ELSE 'added' END AS change, abs(pond_count)::BIGINT AS times, * EXCLUDE (pond_count) FROM (${rows}) ORDER BY ${columns}, change DESC`;
};

/** A query for the names of the columns that the tables `before` and `after` have. */
const columnsCompared = ({ before, after }: ComparedEnds): string =>
  [...(before === null ? [] : ['before']), ...(after === null ? [] : ['after'])]
    .map((end) => `SELECT column_name FROM (DESCRIBE ${end})`)
    .join(' UNION ');

/** The error for a key of which a content lacks a column; null: it has all of them. */
const lackOfKey = (
  path: PondPath,
  key: readonly string[],
  columns: readonly string[],
): QueryFailed | null => {
  const known = new Set(columns.map((column) => column.toLowerCase()));
  const missing = key.find((column) => !known.has(column.toLowerCase()));
  return missing === undefined
    ? null
    : {
        _tag: 'QueryFailed',
        message: `${path} has no column ${missing}, which is to be the key`,
        remedy: `a key of ${[...columns].sort().join(', ')}, or only the paths that have ${missing}`,
      };
};
