import { type Either, flatMap, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { ExecutionMode } from '../../domain/plans/execution-mode.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { ExecutableFactory, Factory, FactoryError } from '../factory.js';
import type { FactoryFacts } from './registry.js';

/** Factories by their names. `path` is the configuration that asks for one. */
export interface NamedFactories {
  readonly byName: ReadonlyMap<string, Factory>;
  /** Names in the order of their bytes. */
  readonly names: readonly string[];
  readonly find: (name: string, path: string) => Either<FactoryError, Factory>;
  readonly executable: (
    name: string,
    mode: ExecutionMode,
    path: string,
  ) => Either<FactoryError, ExecutableFactory<unknown>>;
  readonly facts: (name: string) => FactoryFacts | null;
}

/**
 * Factories by name: of two with the same the later one counts. `closed`: the reason why modules were not loaded; one that is not known here may be
 * theirs.
 */
export const namedFactories = (factories: readonly Factory[], closed: NotTrusted | null): NamedFactories => {
  const byName = new Map(factories.map((factory) => [factory.name, factory]));
  const names = [...byName.keys()].sort(compareUtf8);
  const find: NamedFactories['find'] = (name, path) => {
    const factory = byName.get(name);
    return factory === undefined
      ? left(closed ?? { _tag: 'UnknownFactory', path, factory: name, known: names })
      : right(factory);
  };
  return {
    byName,
    names,
    find,
    executable: (name, mode, path) =>
      pipe(
        find(name, path),
        flatMap((factory) => executableIn(factory, mode, path)),
      ),
    facts: (name) => factsOf(byName.get(name)),
  };
};

const executableIn = (
  factory: Factory,
  mode: ExecutionMode,
  path: string,
): Either<FactoryError, ExecutableFactory<unknown>> =>
  factory.kind === 'executable' && factory.modes.includes(mode)
    ? right(factory)
    : left({ _tag: 'ModeNotSupported', path, factory: factory.name, mode, modes: factory.modes });

const factsOf = (factory: Factory | undefined): FactoryFacts | null =>
  factory === undefined
    ? null
    : {
        name: factory.name,
        description: factory.description,
        kind: factory.kind,
        modes: factory.modes,
        ...(factory.kind === 'executable' ? defaultsOf(factory) : {}),
        ...(factory.reference === undefined ? {} : { reference: factory.reference }),
      };

const defaultsOf = ({
  runWhen,
  derived,
  byConfiguration,
}: ExecutableFactory<unknown>): Pick<FactoryFacts, 'runWhen' | 'derived' | 'byConfiguration'> => ({
  ...(runWhen === undefined ? {} : { runWhen }),
  ...(derived === undefined ? {} : { derived }),
  ...(byConfiguration === undefined ? {} : { byConfiguration }),
});
