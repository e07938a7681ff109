import type { KeyError } from './documents/decode-error.js';

/**
 * Argument that a function of the library was handed and cannot take. Types say it before; whoever writes JavaScript, or has no
 * types at hand, learns it here.
 */
export interface InvalidArgument {
  readonly _tag: 'InvalidArgument';
  /** Name of the function: `transactions`. */
  readonly call: string;
  readonly errors: readonly KeyError[];
}

/** A refusal because of one argument. */
export const invalidArgument = (call: string, key: string, message: string): InvalidArgument => ({
  _tag: 'InvalidArgument',
  call,
  errors: [{ key, message }],
});

/** The kind of a value in words, for what was expected to be another. */
export const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return 'a string';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};
