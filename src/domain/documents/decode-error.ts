import type { Context, ContextEntry, Decoder, Errors } from 'io-ts';
import * as t from 'io-ts';
import { keyPath } from './key-path.js';

/** One thing that is wrong with a decoded value: where (`config.url`), what was expected, what was found. */
export type KeyError = {
  /** The way to the value, `config.run[0]`; empty for the value itself. */
  readonly key: string;
  readonly message: string;
};

/** The same with what is not printed. */
export interface KeyProblem extends KeyError {
  /** The way to the value in steps: keys of mappings and places in lists. */
  readonly steps: readonly (string | number)[];
  /** Tells whether nobody knows the key. */
  readonly isUnknownKey: boolean;
}

/**
 * io-ts errors as plain data, one for each key that they are about: the members of a union become one
 * `expected string or number, got true`. `prefix` is put before every key. `redact` is applied to a found string
 * before it is shortened, because half a secret would no longer be recognised.
 */
export const keyErrors = (
  errors: Errors,
  prefix?: string,
  redact?: (text: string) => string,
): readonly KeyError[] => keyProblems(errors, prefix, redact).map(asKeyError);

/** Part of a problem that is stored and printed. */
export const asKeyError = ({ key, message }: KeyError): KeyError => ({ key, message });

export const keyProblems = (
  errors: Errors,
  prefix = '',
  redact: (text: string) => string = (text) => text,
): readonly KeyProblem[] => {
  const byKey = new Map<string, Gathered>();
  for (const { context, message, value } of errors) {
    const steps = stepsOf(context);
    const key = steps.reduce(keyPath, prefix);
    const type = context.at(-1)?.type;
    const found = byKey.get(key) ?? { steps, expected: new Set(), value, isUnknownKey: false };
    byKey.set(key, found);
    if (type === unknownKeyType) found.isUnknownKey = true;
    if (message === undefined) found.expected.add(expectedName(type));
    else found.text ??= message;
  }
  return [...byKey].map(([key, { steps, expected, value, text, isUnknownKey }]) => ({
    key,
    message: text ?? mismatch([...expected].join(' or '), value, redact),
    steps,
    isUnknownKey,
  }));
};

/** Message about one key. */
interface Gathered {
  readonly steps: KeyProblem['steps'];
  readonly expected: Set<string>;
  readonly value: unknown;
  text?: string;
  isUnknownKey: boolean;
}

/** The type of a value under a key that nobody knows, in the context of its error. */
export const unknownKeyType = new t.Type<unknown>(
  'a known key',
  (_): _ is unknown => false,
  (input, context) => t.failure(input, context),
  t.identity,
);

const mismatch = (expected: string, value: unknown, redact: (text: string) => string): string =>
  value === undefined
    ? `required, expected ${expected}`
    : `expected ${expected}, got ${shown(value, redact)}`;

const stepsOf = (context: Context): KeyProblem['steps'] =>
  context.slice(1).flatMap((step, index) => {
    const parent = context[index];
    if (parent === undefined || isBranch(parent)) return [];
    return [Array.isArray(parent.actual) ? Number(step.key) : step.key];
  });

/** Intersections and unions put the number of their member into the context; it is not a key of the value. */
const isBranch = ({ type }: ContextEntry): boolean => {
  const tag = tagOf(type);
  return tag === 'IntersectionType' || tag === 'UnionType';
};

const tagOf = (type: Decoder<unknown, unknown>): unknown => ('_tag' in type ? type._tag : undefined);

/** io-ts names its own combinations in TypeScript's notation; people who write YAML get words. */
const expectedName = (type: Decoder<unknown, unknown> | undefined): string => {
  if (type === undefined) return 'another value';
  switch (tagOf(type)) {
    case 'ArrayType':
    case 'ReadonlyArrayType':
    case 'AnyArrayType':
      return type.name.includes('Array') ? 'a list' : type.name;
    case 'InterfaceType':
    case 'PartialType':
    case 'DictionaryType':
    case 'StrictType':
    case 'ExactType':
      return type.name.includes('{') ? 'a mapping' : type.name;
    case 'AnyDictionaryType':
      return 'a mapping';
    case 'UnionType':
    case 'KeyofType':
      return type.name.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ' or ');
    default:
      return type.name;
  }
};

const LONGEST_VALUE = 80;

const shown = (value: unknown, redact: (text: string) => string): string => {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(redact(value)) : String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 3)}...` : text;
};

/** One wrong key in words: `config.url: expected string, got 42`. */
export const describeKeyError = ({ key, message }: KeyError): string =>
  key === '' ? message : `${key}: ${message}`;
