import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { Upload, UploadPart } from '../ports/object-store.js';
import type { ReliableStore } from './reliable-store.js';
import { partSizeOf } from './send-large.js';
import type { StoreError } from './store-error.js';

/** Result of sending. */
export interface SentStream {
  readonly size: number;
  readonly sha256: string;
}

/** An object that a stream is sent as. */
export interface StreamedObject {
  readonly key: string;
  readonly contentType: string;
  /** Bytes that the stream is expected to have, by which its parts are as large as so many need. */
  readonly size: number;
}

/**
 * Sends a stream as an object, in parts where it is large: all of one size but for the last, as some stores want them. Nothing is under the key before all of it has arrived; where the
 * stream breaks off, what it throws is thrown, and the parts are given up.
 */
export const sendStream = (
  store: ReliableStore,
  { key, contentType, size: expected }: StreamedObject,
  stream: AsyncIterable<Uint8Array>,
): TaskEither<StoreError, SentStream> =>
  steps<StoreError, SentStream>(async ({ run }) => {
    const hash = createHash('sha256');
    let size = 0;
    let buffered: Uint8Array[] = [];
    let waiting = 0;
    let upload: Upload | null = null;
    const parts: UploadPart[] = [];
    const partSize = partSizeOf(expected);
    const sendPart = async (): Promise<void> => {
      upload ??= await run(store.uploads.begin({ key, contentType }));
      const all = Buffer.concat(buffered);
      const content = all.subarray(0, partSize);
      const rest = all.subarray(partSize);
      buffered = rest.length === 0 ? [] : [Uint8Array.from(rest)];
      waiting = rest.length;
      parts.push(await run(store.uploads.put(upload, { number: parts.length + 1, content })));
    };
    try {
      for await (const chunk of stream) {
        hash.update(chunk);
        size += chunk.length;
        waiting += chunk.length;
        buffered.push(Uint8Array.from(chunk));
        while (waiting >= partSize) await sendPart();
      }
      if (upload === null) await run(store.put({ key, contentType, content: Buffer.concat(buffered) }));
      else {
        if (waiting > 0) await sendPart();
        await run(store.uploads.complete(upload, parts, null));
      }
    } catch (thrown) {
      // What cannot be given up is removed by the store's own rules for unfinished uploads.
      if (upload !== null) isLeft(await store.uploads.abort(upload)());
      throw thrown;
    }
    return { size, sha256: hash.digest('hex') };
  });
