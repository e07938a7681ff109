import { isLeft } from 'fp-ts/lib/Either.js';
import type { ReliableStore } from './reliable-store.js';
import { PART_SIZE } from './send-large.js';
import type { StoreError } from './store-error.js';

/** Ranges that are asked for ahead of the one that is being used. */
const AHEAD = 2;

/** Reason why a stream of an object broke off. */
export interface StoreThrown {
  readonly error: StoreError;
}

/**
 * An object's bytes in order, range by range: never more than some ranges of it are in memory. Where the store fails, the
 * stream ends early and `failed` says why: who writes the bytes somewhere else knows nothing of stores.
 */
export async function* rangesOf(
  store: ReliableStore,
  { key, size }: { readonly key: string; readonly size: number },
  failed: { thrown: StoreThrown | null },
): AsyncGenerator<Uint8Array> {
  const asked: ReturnType<ReturnType<ReliableStore['get']>>[] = [];
  let next = 0;
  const ask = () => {
    if (next >= size) return;
    const range = { offset: next, length: Math.min(PART_SIZE, size - next) };
    asked.push(store.get({ key, range })());
    next += PART_SIZE;
  };
  for (let count = 0; count <= AHEAD; count += 1) ask();
  try {
    for (let first = asked.shift(); first !== undefined; first = asked.shift()) {
      const arrived = await first;
      if (isLeft(arrived)) {
        failed.thrown = { error: arrived.left };
        return;
      }
      ask();
      yield arrived.right.content;
    }
  } finally {
    await Promise.all(asked);
  }
}
