import { type Either, flatMap, map } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { andThen } from '../../effects/eventually.js';
import type { ExecutableFactory, FactoryError } from '../factory.js';
import { gatherExecution } from './gather-execution.js';
import type { NamedFactories } from './named-factories.js';
import { prepareExecution } from './prepare-execution.js';
import type { ReadyFactory } from './ready-factory.js';
import type { Registry } from './registry.js';
import { resolveConfiguration, type Surroundings } from './resolved-configuration.js';

/** Runs factories by configurations, whose variables are resolved for it. */
export const preparedConfigurations = (
  { executable }: NamedFactories,
  surroundings: Surroundings,
): Pick<Registry, 'prepare' | 'gather' | 'execute'> => {
  const ready = (
    factory: ExecutableFactory<unknown>,
    path: string,
    bytes: Uint8Array,
  ): Either<FactoryError, ReadyFactory> =>
    pipe(
      resolveConfiguration(factory, path, bytes, surroundings),
      map((resolved) => ({ factory, path, ...resolved })),
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
