import * as E from 'fp-ts/lib/Either.js';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { PondError } from '../../steward/errors.js';
import type { ParquetFile } from './parquet-file.js';

/** The column by which a series is ordered in time. */
export interface EventTimeColumn {
  readonly name: string;
  /** An integer without a unit of its own: the unit is told from its size. */
  readonly isPlainInteger: boolean;
}

/** Names under which an event time is looked for, the likeliest first; upper and lower case are the same. */
const USUAL_NAMES = ['timestamp', 'time', 'date', 'datetime'];

/** The column that was named; else one with a usual name; else the first with the type of a timestamp or a date. */
export const eventTimeColumn = (
  { path, metadata }: Pick<ParquetFile, 'path' | 'metadata'>,
  named: string | null,
): E.Either<PondError, EventTimeColumn> => {
  const columns = topLevelColumns(metadata);
  const notParquet = (problem: string): E.Either<PondError, EventTimeColumn> =>
    E.left({ _tag: 'NotParquet', path, problem });
  const shownNames = columns.map(({ name }) => name).join(', ');
  if (named !== null) {
    const column = columns.find(({ name }) => name === named);
    if (column === undefined) return notParquet(`it has no column ${named}; its columns are ${shownNames}`);
    return holdsTime(column)
      ? E.right(asEventTime(column))
      : notParquet(`its column ${named} holds no times`);
  }
  const usual = USUAL_NAMES.flatMap((usualName) =>
    columns.filter((column) => column.name.toLowerCase() === usualName && holdsTime(column)),
  );
  const column = usual[0] ?? columns.find(hasTimeType);
  return column === undefined
    ? notParquet(`none of its columns holds times (${shownNames}), so it cannot be a series`)
    : E.right(asEventTime(column));
};

/** The root comes first, then every element before its children. */
const topLevelColumns = ({ schema }: FileMetaData): readonly SchemaElement[] => {
  const columns: SchemaElement[] = [];
  for (let at = 1; at < schema.length; at = afterSubtree(schema, at)) {
    const element = schema[at];
    if (element !== undefined && (element.num_children ?? 0) === 0) columns.push(element);
  }
  return columns;
};

const afterSubtree = (schema: readonly SchemaElement[], at: number): number => {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) next = afterSubtree(schema, next);
  return next;
};

const hasTimeType = ({ type, converted_type, logical_type }: SchemaElement): boolean =>
  logical_type?.type === 'TIMESTAMP' ||
  logical_type?.type === 'DATE' ||
  converted_type === 'TIMESTAMP_MILLIS' ||
  converted_type === 'TIMESTAMP_MICROS' ||
  converted_type === 'DATE' ||
  type === 'INT96';

const isPlainInteger = (column: SchemaElement): boolean =>
  column.type === 'INT64' &&
  !hasTimeType(column) &&
  column.converted_type !== 'DECIMAL' &&
  (column.logical_type === undefined || column.logical_type.type === 'INTEGER');

const holdsTime = (column: SchemaElement): boolean => hasTimeType(column) || isPlainInteger(column);

const asEventTime = (column: SchemaElement): EventTimeColumn => ({
  name: column.name,
  isPlainInteger: isPlainInteger(column),
});
