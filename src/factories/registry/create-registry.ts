import { type Either, flatMap, isLeft, left, map, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { compareUtf8 } from '../../domain/documents/bytes-order.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import { relativePatterns } from '../../domain/plans/condition.js';
import type { ExecutionMode } from '../../domain/plans/execution-mode.js';
import { andThen } from '../../effects/eventually.js';
import { SYSTEM_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import { isScheduled, isWatch } from '../../planner/entries/read-entry.js';
import { hostMissing } from '../../planner/entries/registry-facts.js';
import type { ExecutableFactory, Factory, FactoryError } from '../factory.js';
import { gatherExecution } from './gather-execution.js';
import { loadNode } from './load-node.js';
import { madeFiles, nestedLoader, nestedProblems } from './nested-nodes.js';
import { prepareExecution } from './prepare-execution.js';
import { checkConfig, readConfiguration } from './read-configuration.js';
import type { ReadyFactory } from './ready-factory.js';
import type { FactoryFacts, Registry } from './registry.js';
import type { Environment } from './resolve-variables.js';
import { resolveConfiguration } from './resolved-configuration.js';

export interface RegistryOptions {
  /** Variables that `${env:NAME}` is looked up in. */
  readonly environment: Environment;
  /** Reason why modules were not loaded: a factory that is not known here may be theirs. */
  readonly closed?: NotTrusted | null;
  /** Names of variables that are secret, besides those whose names say so; `*` stands for any characters. */
  readonly secretVariables?: readonly string[];
  /** Tells whether tasks may run on any of many machines. Default: on one. */
  readonly hasManyMachines?: boolean;
}

/**
 * A registry of these factories. Of two with the same name the later one counts, so that a user's factory can
 * take the place of a built-in one.
 */
export const createRegistry = (
  factories: readonly Factory[],
  { environment, closed = null, secretVariables = [], hasManyMachines = false }: RegistryOptions,
): Registry => {
  const byName = new Map(factories.map((factory) => [factory.name, factory]));
  const known = [...byName.keys()].sort(compareUtf8);
  const surroundings = { environment, secretVariables };

  const find = (name: string, path: string): Either<FactoryError, Factory> => {
    const factory = byName.get(name);
    return factory === undefined
      ? left(closed ?? { _tag: 'UnknownFactory', path, factory: name, known })
      : right(factory);
  };

  const needsHost = (name: string): boolean => {
    const factory = byName.get(name);
    return hasManyMachines && factory?.kind === 'executable' && factory.changesHost === true;
  };

  const executable = (
    name: string,
    mode: ExecutionMode,
    path: string,
  ): Either<FactoryError, ExecutableFactory<unknown>> =>
    pipe(
      find(name, path),
      flatMap((factory) => executableIn(factory, mode, path)),
    );

  const ready = (
    factory: ExecutableFactory<unknown>,
    path: string,
    bytes: Uint8Array,
  ): Either<FactoryError, ReadyFactory> =>
    pipe(
      resolveConfiguration(factory, path, bytes, surroundings),
      map((resolved) => ({ ...resolved, factory, path })),
    );

  const prepare: Registry['prepare'] = (name, bytes, context) => async () =>
    andThen(
      pipe(
        executable(name, context.mode, context.path),
        flatMap((factory) => ready(factory, context.path, bytes)),
      ),
      (factory) => prepareExecution(factory, context)(),
    );

  return {
    list: () => known.flatMap((name) => factsOf(byName.get(name)) ?? []),
    facts: (name) => factsOf(byName.get(name)),
    supports: (name, mode) => factsOf(byName.get(name))?.modes.includes(mode) === true,
    check: (name, config, keyPrefix) => {
      const factory = byName.get(name);
      return factory === undefined ? [] : checkConfig(factory, config ?? {}, keyPrefix);
    },
    checkBytes: (name, path, bytes) => {
      const factory = find(name, path);
      if (isLeft(factory)) return factory;
      const read = readConfiguration(factory.right, path, bytes);
      if (isLeft(read)) return read;
      const { condition, host } = read.right;
      const errors = [
        ...(condition === null ? [] : relativePatterns(condition, 'condition')),
        ...nestedProblems(byName, factory.right, read.right),
        ...(host === null && needsHost(name) && isRunAt(path) ? [hostMissing(name)] : []),
      ];
      return errors.length > 0 ? left({ _tag: 'InvalidConfig', path, errors }) : right(undefined);
    },
    needsHost,
    load: (name, bytes, context) => async () => {
      const factory = find(name, context.path);
      if (isLeft(factory)) return factory;
      // Its content is its configuration, whatever that says: it must be readable to be put right.
      if (factory.right.kind === 'executable') return right({ kind: 'executable' });
      const resolved = resolveConfiguration(factory.right, context.path, bytes, surroundings);
      if (isLeft(resolved)) return resolved;
      const make = nestedLoader(find, resolved.right.redact, context);
      return right(loadNode(factory.right, resolved.right, { ...context, make }));
    },
    madeBy: (name, bytes) => {
      const factory = byName.get(name);
      const read = factory === undefined ? null : readConfiguration(factory, '/', bytes);
      return factory === undefined || read === null || isLeft(read)
        ? []
        : madeFiles(byName, factory, read.right.config);
    },
    prepare,
    gather: (name, bytes, context) =>
      pipe(
        TE.fromIOEither(() => executable(name, 'InTransactionWriter', context.path)),
        TE.flatMap((factory) =>
          factory.gather === undefined
            ? TE.right(null)
            : pipe(
                TE.fromEither(ready(factory, context.path, bytes)),
                TE.flatMap((configured) => gatherExecution(configured, context)),
              ),
        ),
      ),
    execute: (name, bytes, context, mode) =>
      pipe(
        TE.fromEither(executable(name, mode, context.path)),
        TE.flatMap(() => prepare(name, bytes, context)),
        TE.flatMap((prepared) => prepared.execute()),
      ),
  };
};

/** Tells whether an entry at that path is run for commits or firings, or looks at a folder. */
const isRunAt = (path: string): boolean =>
  path.startsWith(`${SYSTEM_DIRECTORY}/`) || isScheduled(path) || isWatch(path);

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

const executableIn = (
  factory: Factory,
  mode: ExecutionMode,
  path: string,
): Either<FactoryError, ExecutableFactory<unknown>> =>
  factory.kind === 'executable' && factory.modes.includes(mode)
    ? right(factory)
    : left({ _tag: 'ModeNotSupported', path, factory: factory.name, mode, modes: factory.modes });
