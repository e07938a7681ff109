import type { JsonObject } from '../../domain/documents/json.js';

/** A place in two values at which they are not the same; undefined: it is not there. */
export interface ValueDifference {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Finds where two parsed documents differ, by keys as people write them: `config.headers.x-a`, `run[1]`. */
export const valueDifferences = (before: unknown, after: unknown, key = ''): readonly ValueDifference[] => {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      valueDifferences(memberOf(before, name), memberOf(after, name), inner(before, key, name)),
    );
  }
  return Object.is(before, after) ? [] : [{ key, before, after }];
};

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

const memberOf = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

const inner = (parent: object, key: string, name: string): string => {
  if (Array.isArray(parent)) return `${key}[${name}]`;
  return key === '' ? name : `${key}.${name}`;
};

const LONGEST = 200;

/** A value on one line, as it is shown beside another. */
export const shownValue = (value: unknown): string => {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
};

export const differenceDocument = ({ key, before, after }: ValueDifference): JsonObject => ({
  key,
  before: before === undefined ? null : JSON.parse(JSON.stringify(before)),
  after: after === undefined ? null : JSON.parse(JSON.stringify(after)),
});
