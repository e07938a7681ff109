import type { Task } from 'fp-ts/lib/Task.js';

/** Work that is done at its first use and not again. */
export const once = <A>(work: Task<A>): Task<A> => {
  let done: Promise<A> | null = null;
  return () => {
    done ??= work();
    return done;
  };
};
