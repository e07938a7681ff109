import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { describeKeyError, keyErrors } from '../../domain/documents/decode-error.js';
import type { Modules } from '../../ports/modules.js';
import type { Factory, FactoryError } from '../factory.js';
import { adaptFactory } from './adapt-user-factory.js';
import { decodeUserFactory, looksLikeFactory } from './user-factory-shape.js';

/**
 * The factories that a user's module exports: its default export (a factory or a list of them), an export
 * `factories` (a list), and every named export that is a factory. Their functions may return a value, a
 * promise or a `TaskEither`. A module that exports none, or something that is a factory but for a mistake, is an
 * error; other exports are left alone.
 */
export const factoriesOf = (
  moduleExports: Readonly<Record<string, unknown>>,
  specifier: string,
  modules: Pick<Modules, 'within'>,
): Either<FactoryError, readonly Factory[]> => {
  const failed = (message: string) =>
    left<FactoryError, readonly Factory[]>({ _tag: 'FactoryModuleFailed', module: specifier, message });
  const candidates = candidatesIn(moduleExports);
  if (candidates.size === 0) return failed('exports no factory');
  const factories = new Map<string, Factory>();
  for (const [candidate, name] of candidates) {
    const factory = factoryOf(candidate, modules);
    if (isLeft(factory)) return failed(`${name}: ${factory.left}`);
    if (factories.has(factory.right.name)) return failed(`exports two factories named ${factory.right.name}`);
    factories.set(factory.right.name, factory.right);
  }
  return right([...factories.values()]);
};

/** Returns what is exported as a factory, each once (CommonJS modules show theirs twice), with the export's name. */
const candidatesIn = (moduleExports: Readonly<Record<string, unknown>>): ReadonlyMap<unknown, string> => {
  const candidates = new Map<unknown, string>();
  const add = (value: unknown, name: string): void => {
    if (!candidates.has(value)) candidates.set(value, name);
  };
  const addNamed = (exports: Readonly<Record<string, unknown>>): void => {
    for (const [name, value] of Object.entries(exports)) {
      if (Array.isArray(value) && (name === 'default' || name === 'factories')) {
        for (const [index, item] of value.entries()) add(item, `${name}[${index}]`);
      } else if (looksLikeFactory(value)) add(value, name);
    }
  };
  addNamed(moduleExports);
  // The default export of a CommonJS module is its `exports`, which may hold the factories by name.
  const whole = moduleExports.default;
  if (t.UnknownRecord.is(whole) && !looksLikeFactory(whole)) addNamed(whole);
  return candidates;
};

/** One exported value as a factory; left: what is wrong with it. */
const factoryOf = (exported: unknown, modules: Pick<Modules, 'within'>): Either<string, Factory> => {
  const decoded = decodeUserFactory(exported);
  return isLeft(decoded)
    ? left(keyErrors(decoded.left).map(describeKeyError).join('; '))
    : right(adaptFactory(decoded.right, exported, modules));
};
