import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/**
 * Waits for what is opened no longer than until it is to end, which is `ended`: a server that is silent keeps nobody. What is opened too late is let go
 * of.
 */
export const unlessEnded = async <E, A>(
  ending: AbortSignal,
  ended: E,
  open: TaskEither<E, A>,
  letGo: (opened: A) => Task<unknown>,
): Promise<Either<E, A>> => {
  if (ending.aborted) return left(ended);
  const over = new AbortController();
  const atEnd = new Promise<null>((resolve) => {
    ending.addEventListener('abort', () => resolve(null), { once: true, signal: over.signal });
  });
  const opening = open();
  try {
    const first = await Promise.race([opening, atEnd]);
    if (first !== null) return first;
    void opening.then(
      (opened) => (isLeft(opened) ? undefined : letGo(opened.right)()),
      () => undefined,
    );
    return left(ended);
  } finally {
    over.abort();
  }
};
