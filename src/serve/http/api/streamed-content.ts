import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../../steward/errors.js';
import type { Steward } from '../../../steward/steward.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';

/** A content of a pond: where it is, and in which state. */
export interface ContentWanted {
  readonly path: string;
  readonly at: number | undefined;
  readonly version: number | undefined;
  readonly signal: AbortSignal;
}

/** A content that is read while it is sent: the read transaction ends with it, or when `signal` aborts. */
export const streamedContent =
  (
    steward: Pick<Steward, 'read'>,
    { path, at, version, signal }: ContentWanted,
  ): TE.TaskEither<PondError, ByteStream> =>
  () =>
    new Promise((resolve, reject) => {
      const reading = steward.read(
        ({ fs }) =>
          pipe(
            fs.read(path, version === undefined ? {} : { version }),
            TE.flatMap((content) =>
              TE.fromTask(
                () =>
                  new Promise<void>((ended) => {
                    if (signal.aborted) ended();
                    signal.addEventListener('abort', () => ended(), { once: true });
                    resolve(right(untilItsEnd(content, ended)));
                  }),
              ),
            ),
          ),
        { operation: 'cat', signal, ...(at === undefined ? {} : { at }) },
      );
      reading().then((outcome) => {
        // After the content has begun nobody listens to this any more.
        if (isLeft(outcome)) resolve(left(outcome.left));
      }, reject);
    });

async function* untilItsEnd(content: ByteStream, ended: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } finally {
    ended();
  }
}

/** The first bytes of a content, and whether there are more. */
export const headOf = async (
  content: ByteStream,
  most: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isCut: size > most };
};
