import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InvalidArgument } from '../../domain/invalid-argument.js';
import type { PondError } from '../errors.js';
import type { Steward } from '../steward.js';
import { type CallArguments, wrongWith } from './argument-types.js';
import { CALLS } from './call-arguments.js';

/** The same steward, which refuses what its functions cannot take before anything happens. */
export const checkArguments = (steward: Steward): Steward =>
  Object.fromEntries(
    Object.entries(steward).map(([name, member]) => {
      const expected = (CALLS as Readonly<Record<string, CallArguments | undefined>>)[name];
      if (typeof member !== 'function' || expected === undefined) return [name, member];
      return [
        name,
        (...given: readonly unknown[]) => {
          const errors = wrongWith(expected, given);
          return errors.length === 0
            ? (member as (...given: readonly unknown[]) => TE.TaskEither<PondError, unknown>)(...given)
            : TE.left<InvalidArgument, never>({ _tag: 'InvalidArgument', call: name, errors });
        },
      ];
    }),
  ) as unknown as Steward;
