import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ReliableStore } from './reliable-store.js';
import { PART_SIZE } from './send-large.js';
import type { StoreError } from './store-error.js';

/** Ranges that are asked for ahead of the one that is being used. */
const AHEAD = 3;

/** Gives an object's bytes to `use` in order, range by range: never more than some ranges of it are in memory. */
export const download = <E>(
  store: ReliableStore,
  { key, size }: { readonly key: string; readonly size: number },
  use: (chunk: Uint8Array) => TaskEither<E, void>,
): TaskEither<StoreError | E, void> =>
  steps<StoreError | E, void>(async ({ run }) => {
    const asked: Promise<Awaited<ReturnType<ReturnType<ReliableStore['get']>>>>[] = [];
    let next = 0;
    const ask = () => {
      if (next >= size) return;
      asked.push(store.get({ key, range: { offset: next, length: Math.min(PART_SIZE, size - next) } })());
      next += PART_SIZE;
    };
    for (let count = 0; count < AHEAD; count += 1) ask();
    try {
      for (let first = asked.shift(); first !== undefined; first = asked.shift()) {
        const arriving = first;
        const { content } = await run(() => arriving);
        ask();
        await run(use(content));
      }
    } finally {
      await Promise.all(asked);
    }
  });
