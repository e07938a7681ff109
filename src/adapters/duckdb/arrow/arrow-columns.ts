import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBType } from '@duckdb/node-api';
import type { QueryFailed } from '../../../ports/query-engine.js';
import {
  type ArrowColumn,
  type ArrowLibrary,
  booleans,
  decimals,
  integers,
  nulls,
  numbers,
  presence,
  strings,
} from './arrow-values.js';

/** The two libraries, once they are loaded. */
export interface ArrowModules {
  readonly arrow: ArrowLibrary;
  readonly duckdb: typeof DuckDb;
}

/**
 * The column of Arrow for a column of DuckDB. Times with a zone are microseconds in UTC; whole numbers of 128 bits are decimals
 * without a scale. For what Arrow has no type that its readers share, such as enums, intervals and unions, there is text.
 */
export const arrowColumn = (modules: ArrowModules, type: DuckDBType): ArrowColumn => {
  const { arrow, duckdb } = modules;
  const { DuckDBTypeId: Id } = duckdb;
  switch (type.typeId) {
    case Id.SQLNULL:
      return nulls(arrow);
    case Id.BOOLEAN:
      return booleans(arrow);
    case Id.TINYINT:
      return numbers(arrow, new arrow.Int8(), Int8Array);
    case Id.SMALLINT:
      return numbers(arrow, new arrow.Int16(), Int16Array);
    case Id.INTEGER:
      return numbers(arrow, new arrow.Int32(), Int32Array);
    case Id.UTINYINT:
      return numbers(arrow, new arrow.Uint8(), Uint8Array);
    case Id.USMALLINT:
      return numbers(arrow, new arrow.Uint16(), Uint16Array);
    case Id.UINTEGER:
      return numbers(arrow, new arrow.Uint32(), Uint32Array);
    case Id.FLOAT:
      return numbers(arrow, new arrow.Float32(), Float32Array);
    case Id.DOUBLE:
      return numbers(arrow, new arrow.Float64(), Float64Array);
    case Id.BIGINT:
      return integers(arrow, new arrow.Int64(), (value) => value as bigint);
    case Id.UBIGINT:
      return integers(arrow, new arrow.Uint64(), (value) => BigInt.asIntN(64, value as bigint));
    case Id.HUGEINT:
      return decimals(arrow, new arrow.Decimal(0, 38, 128), (value) => value as bigint);
    case Id.DECIMAL: {
      const { scale, width } = type as DuckDb.DuckDBDecimalType;
      const decimal = new arrow.Decimal(scale, width, 128);
      return decimals(arrow, decimal, (value) => (value as DuckDb.DuckDBDecimalValue).value);
    }
    case Id.DATE:
      return numbers(
        arrow,
        new arrow.DateDay(),
        Int32Array,
        (value) => (value as DuckDb.DuckDBDateValue).days,
      );
    case Id.BLOB:
      return strings(arrow, new arrow.Binary(), (value) => (value as DuckDb.DuckDBBlobValue).bytes);
    case Id.LIST:
      return lists(modules, (type as DuckDb.DuckDBListType).valueType);
    case Id.ARRAY:
      return arrays(modules, type as DuckDb.DuckDBArrayType);
    case Id.STRUCT:
      return structs(modules, type as DuckDb.DuckDBStructType);
    case Id.MAP:
      return maps(modules, type as DuckDb.DuckDBMapType);
    default:
      return times(modules, type) ?? strings(arrow, new arrow.Utf8(), String);
  }
};

/** A column of times; null where a type is none of these. */
const times = ({ arrow, duckdb }: ArrowModules, type: DuckDBType): ArrowColumn | null => {
  const { DuckDBTypeId: Id } = duckdb;
  switch (type.typeId) {
    case Id.TIME:
      return integers(
        arrow,
        new arrow.TimeMicrosecond(),
        (value) => (value as DuckDb.DuckDBTimeValue).micros,
      );
    case Id.TIME_NS:
      return integers(
        arrow,
        new arrow.TimeNanosecond(),
        (value) => (value as DuckDb.DuckDBTimeNSValue).nanos,
      );
    case Id.TIMESTAMP_S:
      return integers(
        arrow,
        new arrow.TimestampSecond(),
        (value) => (value as DuckDb.DuckDBTimestampSecondsValue).seconds,
      );
    case Id.TIMESTAMP_MS:
      return integers(
        arrow,
        new arrow.TimestampMillisecond(),
        (value) => (value as DuckDb.DuckDBTimestampMillisecondsValue).millis,
      );
    case Id.TIMESTAMP_NS:
      return integers(
        arrow,
        new arrow.TimestampNanosecond(),
        (value) => (value as DuckDb.DuckDBTimestampNanosecondsValue).nanos,
      );
    case Id.TIMESTAMP:
    case Id.TIMESTAMP_TZ:
      return integers(
        arrow,
        new arrow.TimestampMicrosecond(type.typeId === Id.TIMESTAMP_TZ ? 'UTC' : null),
        (value) => (value as DuckDb.DuckDBTimestampValue).micros,
      );
    default:
      return null;
  }
};

const lists = (modules: ArrowModules, valueType: DuckDBType): ArrowColumn => {
  const { Data, Field, List } = modules.arrow;
  const child = arrowColumn(modules, valueType);
  const type = new List(new Field('item', child.type, true));
  const places = listPlaces();
  return {
    type,
    append: (value) => {
      const { items } = (value ?? NO_ITEMS) as Items;
      for (const item of items) child.append(item);
      places.add(value !== null, items.length);
    },
    size: () => places.size() + child.size(),
    take: () => {
      const { length, missing, bits, offsets } = places.take();
      return new Data(type, 0, length, missing, [offsets, undefined, bits] as never, [child.take()]);
    },
  };
};

type Items = Pick<DuckDb.DuckDBListValue, 'items'>;
const NO_ITEMS: Items = { items: [] };

/** Ends of the items of each list. */
const listPlaces = () => {
  const present = presence();
  let ends: number[] = [0];
  let end = 0;
  return {
    add: (isThere: boolean, count: number) => {
      present.add(isThere);
      end += count;
      ends.push(end);
    },
    size: () => ends.length * 4,
    take: () => {
      const taken = { ...present.take(), offsets: Int32Array.from(ends) };
      ends = [0];
      end = 0;
      return taken;
    },
  };
};

/** Lists of one length: the items of one that is not there are not there either. */
const arrays = (modules: ArrowModules, { valueType, length: items }: DuckDb.DuckDBArrayType): ArrowColumn => {
  const { Data, Field, FixedSizeList } = modules.arrow;
  const child = arrowColumn(modules, valueType);
  const type = new FixedSizeList(items, new Field('item', child.type, true));
  const present = presence();
  return {
    type,
    append: (value) => {
      present.add(value !== null);
      const found = value as Items | null;
      for (let index = 0; index < items; index += 1) child.append(found?.items[index] ?? null);
    },
    size: () => child.size(),
    take: () => {
      const { length, missing, bits } = present.take();
      return new Data(type, 0, length, missing, [undefined, undefined, bits] as never, [child.take()]);
    },
  };
};

const structs = (modules: ArrowModules, { entryNames, entryTypes }: DuckDb.DuckDBStructType): ArrowColumn => {
  const { Data, Field, Struct } = modules.arrow;
  if (new Set(entryNames).size < entryNames.length)
    throw {
      _tag: 'QueryFailed',
      message: 'a struct has two fields of one name, or fields without a name, which Arrow does not have',
      remedy: "name its fields: {'a': 1, 'b': 2}",
    } satisfies QueryFailed;
  const children = entryTypes.map((type) => arrowColumn(modules, type));
  const type = new Struct(
    children.map((child, index) => new Field(entryNames[index] ?? '', child.type, true)),
  );
  const present = presence();
  return {
    type,
    append: (value) => {
      present.add(value !== null);
      const found = value as DuckDb.DuckDBStructValue | null;
      for (const [index, child] of children.entries())
        child.append(found?.entries[entryNames[index] ?? ''] ?? null);
    },
    size: () => children.reduce((sum, child) => sum + child.size(), 0),
    take: () => {
      const { length, missing, bits } = present.take();
      const taken = children.map((child) => child.take());
      return new Data(type, 0, length, missing, [undefined, undefined, bits] as never, taken);
    },
  };
};

const maps = (modules: ArrowModules, { keyType, valueType }: DuckDb.DuckDBMapType): ArrowColumn => {
  const { Data, Field, Map_: ArrowMap, Struct } = modules.arrow;
  const key = arrowColumn(modules, keyType);
  const value = arrowColumn(modules, valueType);
  const pair = new Struct([new Field('key', key.type, false), new Field('value', value.type, true)]);
  const type = new ArrowMap(new Field('entries', pair as never, false));
  const places = listPlaces();
  return {
    type,
    append: (found) => {
      const entries = (found as DuckDb.DuckDBMapValue | null)?.entries ?? [];
      for (const entry of entries) {
        key.append(entry.key);
        value.append(entry.value);
      }
      places.add(found !== null, entries.length);
    },
    size: () => places.size() + key.size() + value.size(),
    take: () => {
      const { length, missing, bits, offsets } = places.take();
      const keys = key.take();
      const pairs = new Data(pair, 0, keys.length, 0, [] as never, [keys, value.take()]);
      return new Data(type as never, 0, length, missing, [offsets, undefined, bits] as never, [pairs]);
    },
  };
};
