import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InvalidArgument } from '../../domain/invalid-argument.js';
import type { PondError } from '../errors.js';
import type { Steward } from '../steward.js';
import { type CallArguments, wrongWith } from './argument-types.js';
import { CALLS } from './call-arguments.js';

/**
 * The same steward, which refuses what its functions cannot take before anything happens, and begins nothing that its caller has ended
 * already.
 */
export const checkArguments = (steward: Steward): Steward =>
  Object.fromEntries(
    Object.entries(steward).map(([name, member]) => {
      const expected = (CALLS as Readonly<Record<string, CallArguments | undefined>>)[name];
      if (typeof member !== 'function' || expected === undefined) return [name, member];
      return [
        name,
        (...given: readonly unknown[]) => {
          const errors = wrongWith(expected, given);
          if (errors.length > 0)
            return TE.left<InvalidArgument, never>({ _tag: 'InvalidArgument', call: name, errors });
          const call = member as (...given: readonly unknown[]) => TE.TaskEither<PondError, unknown>;
          return () => (hasAborted(given) ? TE.left(interrupted(name, given))() : call(...given)());
        },
      ];
    }),
  ) as unknown as Steward;

const optionsIn = (given: readonly unknown[]) =>
  given.filter(
    (each): each is { readonly signal?: unknown; readonly operation?: unknown } =>
      typeof each === 'object' && each !== null,
  );

const hasAborted = (given: readonly unknown[]): boolean =>
  optionsIn(given).some(({ signal }) => signal instanceof AbortSignal && signal.aborted);

const interrupted = (name: string, given: readonly unknown[]): PondError => {
  const [operation = name] = optionsIn(given).flatMap(({ operation: each }) =>
    typeof each === 'string' ? [each] : [],
  );
  return { _tag: 'Interrupted', call: operation };
};
