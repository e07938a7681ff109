import type { ByteStream } from '../../tinyfs/persistence.js';
import { asPersistenceError } from '../failure.js';

/** A content that is read once. */
export interface WatchedSource {
  /** Reads the beginning, as long as there is room for it. Throws what `failure` makes of an error of the source. */
  readonly readAhead: (hasRoomFor: (length: number) => boolean) => Promise<ReadAhead>;
  /** All of it: what was read ahead, then what follows. */
  readonly bytes: () => AsyncGenerator<Uint8Array>;
  /**
   * An error of the content's source, told from one of the disk that it is written to. The persistence port has no word for a
   * source that breaks off with an error of its own: an I/O error of the content.
   */
  readonly failure: (error: unknown) => unknown;
}

/** The beginning of a content. */
export interface ReadAhead {
  readonly head: readonly Uint8Array[];
  /** Tells whether nothing follows. */
  readonly isWhole: boolean;
}

/** A stream that remembers whether it was the one that failed. */
export const watchedSource = (stream: ByteStream): WatchedSource => {
  const head: Uint8Array[] = [];
  let failed: { readonly error: unknown } | null = null;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* stream;
    } catch (error) {
      failed = { error };
      throw error;
    }
  }
  const rest = watched();

  const failure = (error: unknown): unknown =>
    asPersistenceError(failed === null ? error : failed.error) ??
    (failed === null ? error : { _tag: 'StorageFailed', path: '(content)', code: 'EIO', call: 'read' });

  return {
    readAhead: async (hasRoomFor) => {
      let length = 0;
      try {
        while (hasRoomFor(length)) {
          const next = await rest.next();
          if (next.done === true) return { head, isWhole: true };
          head.push(Uint8Array.from(next.value));
          length += next.value.length;
        }
      } catch (error) {
        throw failure(error);
      }
      return { head, isWhole: false };
    },
    async *bytes() {
      yield* head;
      yield* rest;
    },
    failure,
  };
};
