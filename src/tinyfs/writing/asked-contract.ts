import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import { quoted } from '../../domain/quoted.js';
import {
  ON_DUPLICATE,
  SCHEMA_RULES,
  type SeriesColumn,
  type SeriesContract,
} from '../../domain/series/series-contract.js';
import { isTimezone } from '../../domain/time-zone.js';
import type { SeriesOptions } from '../tinyfs.js';

/** A contract with what was asked for, or what of that cannot be one. `call` is for the error. */
export const askedContract = (
  call: string,
  contract: SeriesContract,
  asked: SeriesOptions,
): Either<InvalidArgument, SeriesContract> => {
  const wrong = (key: string, problem: string) => left(invalidArgument(call, key, problem));
  const { timeColumn, timezone, unique, onDuplicate, schema } = asked;
  if (timeColumn !== undefined && (typeof timeColumn !== 'string' || timeColumn === ''))
    return wrong('timeColumn', `expected the name of a column, got ${kindOf(timeColumn)}`);
  if (timezone !== undefined && timezone !== null && !isTimezone(timezone))
    return wrong(
      'timezone',
      `expected a time zone such as Europe/Vienna or UTC, got ${JSON.stringify(timezone)}`,
    );
  if (unique !== undefined && !(Array.isArray(unique) && unique.every((name) => typeof name === 'string')))
    return wrong('unique', 'expected the names of columns');
  if (onDuplicate !== undefined && !ON_DUPLICATE.includes(onDuplicate))
    return wrong('onDuplicate', `expected ${ON_DUPLICATE.join(', ')}, got ${String(onDuplicate)}`);
  if (schema !== undefined && !SCHEMA_RULES.includes(schema))
    return wrong('schema', `expected ${SCHEMA_RULES.join(', ')}, got ${String(schema)}`);
  const changed: SeriesContract = {
    ...contract,
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(unique === undefined ? {} : { unique: [...unique] }),
    ...(onDuplicate === undefined ? {} : { onDuplicate }),
    ...(schema === undefined ? {} : { schema }),
  };
  return changed.onDuplicate !== 'keep' && changed.unique.length === 0
    ? wrong('onDuplicate', `${changed.onDuplicate} needs unique: the columns that tell rows apart`)
    : right(changed);
};

/** An argument that names a column which a series does not have. */
export const noSuchColumn = (
  call: string,
  key: 'timeColumn' | 'unique',
  name: string,
  columns: readonly SeriesColumn[],
): InvalidArgument =>
  invalidArgument(
    call,
    key,
    `there is no column ${quoted(name)}; the columns are ${columns.map((column) => column.name).join(', ')}`,
  );
