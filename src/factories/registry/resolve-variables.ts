import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { KeyError } from '../../domain/documents/decode-error.js';
import { keyPath } from '../../domain/documents/key-path.js';

/** The environment that `${env:NAME}` is looked up in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `${env:NAME}` without a default, and NAME is not set. */
export interface UnsetVariable {
  readonly key: string;
  readonly variable: string;
}

export interface ResolvedConfig {
  readonly config: unknown;
  /** The values that came from the environment; defaults are in the configuration for all to read. */
  readonly secrets: readonly string[];
}

/** Any `${env:...}`, and what is right about it: a name, and perhaps a default. */
const REFERENCE = /\$\{env:(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\})?/g;

/**
 * Puts the values of environment variables in place of `${env:NAME}` and `${env:NAME:-default}`, in strings only
 * (keys of mappings are left alone). As in a shell, the default of `:-` also stands in for an empty value.
 * What is found in the environment is not looked at again.
 */
export const resolveVariables = (
  config: unknown,
  environment: Environment,
  keyPrefix: string,
): Either<UnsetVariable, ResolvedConfig> => {
  const secrets = new Set<string>();
  const unset: UnsetVariable[] = [];
  const resolved = mapStrings(config, keyPrefix, (text, key) =>
    text.replace(REFERENCE, (reference, name?: string, hasDefault?: string, byDefault = '') => {
      if (name === undefined) return reference;
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (hasDefault !== undefined && (value === undefined || value === '')) return byDefault;
      if (value === undefined) {
        unset.push({ key, variable: name });
        return '';
      }
      secrets.add(value);
      return value;
    }),
  );
  const [first] = unset;
  return first === undefined ? right({ config: resolved, secrets: [...secrets] }) : left(first);
};

/** References that are none: without a closing brace, or with what cannot be a name. A typo must not pass as text. */
export const malformedVariables = (config: unknown, keyPrefix: string): readonly KeyError[] => {
  const errors: KeyError[] = [];
  mapStrings(config, keyPrefix, (text, key) => {
    if ([...text.matchAll(REFERENCE)].some(([, name]) => name === undefined)) {
      const expected = '$' + '{env:NAME} or $' + '{env:NAME:-default}';
      errors.push({ key, message: `a variable is written ${expected}` });
    }
    return text;
  });
  return errors;
};

/** The same plain data with every string replaced. Aliases share their value, so each is visited once. */
const mapStrings = (
  value: unknown,
  key: string,
  replace: (text: string, key: string) => string,
  done: Map<object, unknown> = new Map(),
): unknown => {
  if (typeof value === 'string') return replace(value, key);
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  const mapped = Array.isArray(value)
    ? value.map((item, index) => mapStrings(item, keyPath(key, index), replace, done))
    : Object.fromEntries(
        Object.entries(value).map(([name, member]) => [
          name,
          mapStrings(member, keyPath(key, name), replace, done),
        ]),
      );
  done.set(value, mapped);
  return mapped;
};
