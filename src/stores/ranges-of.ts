import { isLeft } from 'fp-ts/lib/Either.js';
import type { ReliableStore } from './reliable-store.js';
import type { StoreError } from './store-error.js';

/** Bytes of one range. Several objects are read side by side, and what they hold together is most of the memory of a restore. */
export const RANGE_SIZE = 4 * 1024 * 1024;
/** Ranges that are asked for ahead of the one that is being used. */
const AHEAD = 1;
/** Times that a range is asked for of which less arrives than there is. */
const TRIES = 3;

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
  let at = 0;
  const ask = () => {
    if (next >= size) return;
    const range = { offset: next, length: Math.min(RANGE_SIZE, size - next) };
    asked.push(wholeRange(store, key, range));
    next += RANGE_SIZE;
  };
  for (let count = 0; count <= AHEAD; count += 1) ask();
  try {
    for (let first = asked.shift(); first !== undefined; first = asked.shift()) {
      const arrived = await first;
      if (isLeft(arrived)) {
        failed.thrown = { error: arrived.left };
        return;
      }
      const { content } = arrived.right;
      // An object that is shorter than it was said to be has ended here, however long it was to be.
      const isEnd = content.length < Math.min(RANGE_SIZE, size - at);
      at += RANGE_SIZE;
      if (!isEnd) ask();
      yield content;
      if (isEnd) return;
    }
  } finally {
    await Promise.all(asked);
  }
}

/** A connection that ends early without an error gives less than was asked for: then it is asked for again. */
const wholeRange = async (
  store: ReliableStore,
  key: string,
  range: { readonly offset: number; readonly length: number },
): ReturnType<ReturnType<ReliableStore['get']>> => {
  for (let tries = 1; ; tries += 1) {
    const arrived = await store.get({ key, range })();
    if (isLeft(arrived) || arrived.right.content.length === range.length || tries === TRIES) return arrived;
  }
};
