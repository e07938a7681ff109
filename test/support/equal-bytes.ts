// Bytes are compared as bytes in `toEqual` and its like, which would otherwise ask each byte for its name: a third of the time of
// tests with contents of some hundred kilobytes.

import { expect } from 'vitest';

const ADDED = Symbol.for('pond-steward.equal-bytes');

const equalBytes = (one: unknown, other: unknown): boolean | undefined =>
  one instanceof Uint8Array && other instanceof Uint8Array && one.constructor === other.constructor
    ? Buffer.compare(one, other) === 0
    : undefined;

// Files share a process, and what is added to `expect` stays.
if (!Reflect.has(globalThis, ADDED)) {
  Reflect.set(globalThis, ADDED, true);
  expect.addEqualityTesters([equalBytes]);
}
