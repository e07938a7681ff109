import { isLeft } from 'fp-ts/lib/Either.js';
import type { ReliableStore, WantedObject } from './reliable-store.js';
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
 * An object's bytes in order, range by range: never more than some ranges of it are in memory, and each is there until the next
 * one is asked for. Where the store fails, the stream ends early and `failed` says why: who writes the bytes somewhere else
 * knows nothing of stores.
 */
export async function* rangesOf(
  store: ReliableStore,
  { key, size }: { readonly key: string; readonly size: number },
  failed: { thrown: StoreThrown | null },
): AsyncGenerator<Uint8Array> {
  const asked: ReturnType<ReturnType<ReliableStore['get']>>[] = [];
  /** Room that the ranges have, in their order: a range whose bytes have been used gives its own to another one. */
  const rooms: Uint8Array[] = [];
  let next = 0;
  let at = 0;
  const ask = (room: Uint8Array | null) => {
    if (next >= size) return;
    const length = Math.min(RANGE_SIZE, size - next);
    const into = room ?? new Uint8Array(length);
    asked.push(wholeRange(store, { key, range: { offset: next, length }, into: into.subarray(0, length) }));
    rooms.push(into);
    next += RANGE_SIZE;
  };
  for (let count = 0; count <= AHEAD; count += 1) ask(null);
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
      yield content;
      if (isEnd) return;
      ask(rooms.shift() ?? null);
    }
  } finally {
    await Promise.all(asked);
  }
}

/** A connection that ends early without an error gives less than was asked for: then it is asked for again. */
const wholeRange = async (
  store: ReliableStore,
  wanted: Required<WantedObject>,
): ReturnType<ReturnType<ReliableStore['get']>> => {
  for (let tries = 1; ; tries += 1) {
    const arrived = await store.get(wanted)();
    const isWhole = !isLeft(arrived) && arrived.right.content.length === wanted.range.length;
    if (isLeft(arrived) || isWhole || tries === TRIES) return arrived;
  }
};
