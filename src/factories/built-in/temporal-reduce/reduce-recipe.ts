import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Jsonable } from '../../../domain/documents/canonical-json.js';
import { steps } from '../../../effects/steps.js';
import { keyOf, type Recipe, type Work } from '../derived/derived-content.js';
import type { DerivedProblem } from '../derived/derived-problem.js';
import { type Input, identityOf, inputAt, kindOf } from '../derived/inputs.js';
import { reduceAll } from './reduce-all.js';
import { reduceChanged } from './reduce-changed.js';
import { differenceOf, keepState, type ReduceState, readState } from './reduce-state.js';
import type { Reduction } from './reduction.js';

/**
 * Recipe by which a source is reduced to buckets. What was reduced last is remembered, as contents by their digests with the buckets
 * of their rows. So of a source with one content more, or less, only the buckets that this one has rows in are computed,
 * from all contents that have rows there; the others are taken from the result before. A result that is not there any
 * more, or columns of other types than before, and everything is computed.
 */
export const reduceRecipe = (
  work: Work,
  source: string,
  asked: Reduction,
): TaskEither<DerivedProblem, Recipe> =>
  steps(async (s) => {
    const input = await s.run(inputAt(work, source));
    const reduction = { ...asked, timeUnit: input.timeUnit };
    const what: Jsonable = {
      time: reduction.timeColumn,
      groups: reduction.groupBy,
      aggregates: reduction.aggregates.map(({ column, aggregate }) => [column, aggregate]),
      seconds: reduction.seconds,
      ...(reduction.timezone === null ? {} : { timezone: reduction.timezone }),
    };
    const resultOf = (digests: readonly string[]): Jsonable => ({
      reduce: what,
      input: { ...kindOf(input), parts: digests },
    });
    const stateKey = keyOf({ state: what, input: kindOf(input) });
    return {
      of: { reduce: what, input: identityOf(input) },
      make: steps(async (inner) => {
        const state = readState(work.cache, stateKey);
        const before =
          state === null ? null : work.cache.read(keyOf(resultOf(state.parts.map(({ digest }) => digest))));
        const changed =
          state === null || before === null
            ? null
            : await inner.run(
                reduceChanged(work, input, reduction, { state, before, ...differenceOf(state, input.parts) }),
              );
        const reduced = changed ?? (await inner.run(reduceAll(work, input, reduction)));
        keepState(work.cache, stateKey, inInputOrder(input, reduced.state));
        return reduced.file;
      }),
    };
  });

/** The state's parts in the order in which the input has them, since their digests in it are the key of its result. */
const inInputOrder = ({ parts }: Input, state: ReduceState): ReduceState => {
  const byDigest = new Map(state.parts.map((part) => [part.digest, part]));
  return {
    types: state.types,
    parts: parts.flatMap(({ digest }) => byDigest.get(digest) ?? []),
  };
};
