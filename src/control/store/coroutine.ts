/**
 * Work that may wait in the middle, written as a generator function and without a word about whether it does: each
 * promise that it gives out is awaited by whoever runs it. Work in a database of this process never gives one out, and
 * runs from its beginning to its end in one call; work in a database behind a network gives one out for each statement.
 */
export type Coroutine<A> = Generator<() => Promise<unknown>, A, unknown>;

/** Waits for a promise, in the middle of other work. */
export function* waitFor<A>(promise: () => Promise<A>): Coroutine<A> {
  return (yield promise) as A;
}

/** Makes a coroutine of what waits for nothing. It is computed when it is asked for, and not when it is made. */
export const computed = <A>(compute: () => A): Coroutine<A> => new Computed(compute);

/** A coroutine that is through with its first step. A class, because every statement makes one, and a generator costs more. */
class Computed<A> implements Generator<never, A, unknown> {
  readonly #compute: () => A;

  constructor(compute: () => A) {
    this.#compute = compute;
  }

  next(): IteratorReturnResult<A> {
    return { done: true, value: this.#compute() };
  }

  return(value: A): IteratorReturnResult<A> {
    return { done: true, value };
  }

  throw(problem: unknown): never {
    throw problem;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Runs work that waits for nothing. */
export const runAtOnce = <A>(work: Coroutine<A>): A => {
  const step = work.next();
  if (step.done !== true) throw new Error('work that has to wait where nothing can be waited for');
  return step.value;
};

/** Runs work that may wait. */
export const runWaiting = async <A>(work: Coroutine<A>): Promise<A> => {
  let step = work.next();
  while (step.done !== true) {
    let value: unknown;
    try {
      value = await step.value();
    } catch (problem) {
      step = work.throw(problem);
      continue;
    }
    step = work.next(value);
  }
  return step.value;
};

/** Does the same with each item, one after the other. */
export function* inOrder<A, B>(
  items: readonly A[],
  work: (item: A) => Coroutine<B>,
): Coroutine<readonly B[]> {
  const done: B[] = [];
  for (const item of items) done.push(yield* work(item));
  return done;
}
