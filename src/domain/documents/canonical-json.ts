/** Values that have a canonical text: JSON, where a member that is undefined is one that is not there. */
export type Jsonable = null | boolean | number | string | readonly Jsonable[] | JsonableObject;

interface JsonableObject {
  readonly [key: string]: Jsonable | undefined;
}

/**
 * The canonical text of a JSON value (RFC 8785, JSON Canonicalization Scheme): no white space, object keys
 * sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. Equal values have equal JSON,
 * whatever the order in which their keys were put.
 */
export const canonicalJson = (value: Jsonable): string => {
  // Large values are mostly written in this order already, and then the engine's own way is many times faster.
  if (value === null || typeof value !== 'object' || isInOrder(value)) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) =>
      member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`],
    );
  return `{${members.join(',')}}`;
};

/** Tells whether all keys of a value already are in their canonical order. */
const isInOrder = (value: Jsonable): boolean => {
  if (value === null || typeof value !== 'object') return true;
  if (isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isInOrder(item)) return false;
    return true;
  }
  let before: string | null = null;
  for (const key in value) {
    if (before !== null && key < before) return false;
    before = key;
    const member = value[key];
    if (typeof member === 'object' && !isInOrder(member)) return false;
  }
  return true;
};

const isArray = (value: Jsonable): value is readonly Jsonable[] => Array.isArray(value);
