import { NotSupported } from '../not-supported.js';
import { type Entries, entriesOf } from './column-entries.js';
import type { FlatFooter } from './flat-footer.js';
import { chunkOf } from './flat-groups.js';
import type { SchemaElement } from './flat-schema.js';
import type { Slice } from './flat-values.js';
import type { FlatValue } from './plain-values.js';

/*
 * Records of a small file whose columns lie in structs, lists and maps, put together from the levels of their values as
 * Dremel describes it. At most one list or map is on the way to a column.
 */

/** Something in a record: a value, or what has values. */
export type Nested = FlatValue | readonly Nested[] | { readonly [name: string]: Nested };

type Open = { [name: string]: Open | Open[] | FlatValue };

/** A record in which every name is a member's, `__proto__`, too: names may come from anywhere. */
const empty = (): Open => Object.create(null);

/** An element on the way from the root to a column. */
interface Step {
  readonly name: string;
  readonly isRepeated: boolean;
  readonly isOptional: boolean;
  /** Definition level from which it is there. */
  readonly definition: number;
}

/** Items of lists that a column may have for each of its bytes. */
const MOST_VALUES = 64;

/** All records of a file. Throws an `Error` where they cannot be read, `NotSupported` where another parser may. */
export const nestedRecords = (
  slice: Slice,
  footer: FlatFooter,
): readonly { readonly [name: string]: Nested }[] => {
  if (footer.columns.some(({ maxRepetition }) => maxRepetition > 1)) throw new NotSupported('lists of lists');
  const ways = waysOf(footer.elements);
  const records: Open[] = [];
  for (const group of footer.groups) {
    const ofGroup = Array.from({ length: group.rows }, empty);
    footer.columns.forEach((column, index) => {
      const chunk = chunkOf(group, index);
      const most = group.rows + (column.maxRepetition === 0 ? 0 : MOST_VALUES * chunk.size);
      const entries = entriesOf(slice, column, chunk, most);
      fill(ofGroup, ways[index] ?? [], entries, column.maxDefinition);
    });
    records.push(...ofGroup);
  }
  return records.map((record) => simplifiedFields(record));
};

/** The ways to the columns of a schema, in their order. */
const waysOf = (elements: readonly SchemaElement[]): readonly (readonly Step[])[] => {
  const ways: (readonly Step[])[] = [];
  const open: { left: number; readonly way: readonly Step[] }[] = [
    { left: elements[0]?.children ?? 0, way: [] },
  ];
  for (const { name, repetition, children } of elements.slice(1)) {
    while (open.at(-1)?.left === 0) open.pop();
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('a schema that is cut off');
    parent.left -= 1;
    const definition = (parent.way.at(-1)?.definition ?? 0) + (repetition === 0 ? 0 : 1);
    const way = [
      ...parent.way,
      { name, isRepeated: repetition === 2, isOptional: repetition === 1, definition },
    ];
    if (children > 0) open.push({ left: children, way });
    else ways.push(way);
  }
  return ways;
};

/** Puts a column's values into the records. */
const fill = (records: readonly Open[], way: readonly Step[], entries: Entries, most: number): void => {
  const { values, definitions, repetitions, count } = entries;
  const [outermost] = way;
  let [row, item, next] = [-1, 0, 0];
  for (let entry = 0; entry < count; entry += 1) {
    const isNext = (repetitions?.[entry] ?? 0) === 0;
    row += isNext ? 1 : 0;
    item = isNext ? 0 : item + 1;
    const record = records[row];
    if (record === undefined) throw new Error(`more values than the ${records.length} rows have`);
    const definition = definitions?.[entry] ?? 0;
    const isThere = definition === most;
    const value = isThere ? values[next] : null;
    if (value === undefined) throw new Error('fewer values than levels say');
    next += isThere ? 1 : 0;
    // Most of what a checkpoint's columns lie in is not there: each of its records is one action.
    if (outermost?.isOptional === true && definition < outermost.definition) record[outermost.name] ??= null;
    else put(record, way, definition, item, value);
  }
  if (row !== records.length - 1) throw new Error(`values of ${row + 1} rows, of ${records.length}`);
};

const put = (
  record: Open,
  way: readonly Step[],
  definition: number,
  item: number,
  value: FlatValue,
): void => {
  let target = record;
  let left = way.length;
  for (const { name, isRepeated, isOptional, definition: needed } of way) {
    left -= 1;
    const isLast = left === 0;
    if (isRepeated) {
      const known = target[name];
      const items: Open[] = Array.isArray(known) ? known : [];
      target[name] = items;
      if (definition < needed) return;
      if (isLast) throw new NotSupported('a list without a name for its items');
      const one = items[item] ?? empty();
      items[item] = one;
      target = one;
    } else if (isOptional && definition < needed) {
      target[name] ??= null;
      return;
    } else if (isLast) target[name] = value;
    else {
      const known = target[name];
      const inner: Open = isOpen(known) ? known : empty();
      target[name] = inner;
      target = inner;
    }
  }
};

const isOpen = (value: Open[string] | undefined): value is Open =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const simplifiedFields = (record: Open): { readonly [name: string]: Nested } =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, simplified(value)]));

/** Lists and maps are structs with one repeated member, whose own members are an item, or a key and its value. */
const simplified = (value: Open[string]): Nested => {
  if (!isOpen(value)) return Array.isArray(value) ? value.map(simplifiedFields) : value;
  const [member] = Object.entries(value);
  if (member === undefined || !Array.isArray(member[1])) return simplifiedFields(value);
  const [name, members] = member;
  if (name === 'key_value')
    return Object.fromEntries(members.map((one) => [String(one.key), simplified(one.value ?? null)]));
  if (name === 'list') return members.map((one) => simplified(Object.values(one)[0] ?? null));
  throw new NotSupported(`a list of ${name}`);
};
