import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { mappedLeft } from '../../effects/mapped.js';
import type { ExecutableFactory, FactoryError } from '../factory.js';
import { guardTask } from './guard.js';
import { redactError } from './redact.js';
import type { ResolvedConfiguration } from './resolved-configuration.js';

/** An executable factory with a configuration that it can be called with. */
export interface ReadyFactory extends ResolvedConfiguration {
  readonly path: string;
  readonly factory: ExecutableFactory<unknown>;
}

/** Calls it, so that whatever it throws becomes its own failure, and no failure says a secret. */
export const callReady = <A>(
  { path, factory, redact }: Pick<ReadyFactory, 'path' | 'factory' | 'redact'>,
  call: () => TE.TaskEither<FactoryError, A>,
): TE.TaskEither<FactoryError, A> =>
  pipe(
    guardTask({ path, factory: factory.name }, call),
    mappedLeft((error) => redactError(redact, error)),
  );
