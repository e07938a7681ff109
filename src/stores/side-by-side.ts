import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

/** Does work for each item, some at once; values in the order of the items. After an error nothing more is begun, and what runs is awaited. */
export const sideBySide =
  <I, E, A>(
    items: readonly I[],
    atOnce: number,
    work: (item: I) => TaskEither<E, A>,
  ): TaskEither<E, readonly A[]> =>
  async (): Promise<Either<E, readonly A[]>> => {
    const values: A[] = [];
    const queue = items.entries();
    const ended: { failed: Either<E, never> | null } = { failed: null };
    const worker = async (): Promise<void> => {
      for (const [index, item] of queue) {
        if (ended.failed !== null) return;
        const outcome = await work(item)();
        if (isLeft(outcome)) ended.failed ??= outcome;
        else values[index] = outcome.right;
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
    return ended.failed ?? right(values);
  };

/**
 * The same for objects: large ones, of which several pieces are under way anyway, a few at once after the small ones, so that what is in
 * memory does not grow with their number.
 */
export const objectsSideBySide = <I extends { readonly size: number }, E, A>(
  items: readonly I[],
  { small, large, from }: { readonly small: number; readonly large: number; readonly from: number },
  work: (item: I) => TaskEither<E, A>,
): TaskEither<E, unknown> =>
  pipe(
    sideBySide(
      items.filter(({ size }) => size <= from),
      small,
      work,
    ),
    TE.flatMap(() =>
      sideBySide(
        items.filter(({ size }) => size > from),
        large,
        work,
      ),
    ),
  );
