import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import type { PondError } from '../errors.js';

/** The object that says what pond lies in a store, and where its control table is. */
export const POND_FILE = '_pond.json';

const PondFileCodec = t.type({
  /** Version of this object's format. */
  format: t.literal(1),
  pond_id: t.string,
  /** Address of the control table, without credentials. */
  control: t.string,
});

export type PondFile = t.TypeOf<typeof PondFileCodec>;

/** Reads it; null where there is none. */
export const readPondFile = (
  store: ReliableStore,
): TaskEither<PondError, { readonly file: PondFile; readonly etag: string } | null> =>
  steps(async ({ fail }) => {
    const read = await store.get({ key: POND_FILE })();
    if (isLeft(read)) return read.left._tag === 'ObjectMissing' ? null : fail(read.left);
    const file = decoded(read.right.content);
    return file === null
      ? fail({
          _tag: 'PondFileUnusable',
          path: `${store.url}/${POND_FILE}`,
          problem: 'it does not say what pond lies here and where its control table is',
        })
      : { file, etag: read.right.etag };
  });

const decoded = (content: Uint8Array): PondFile | null => {
  try {
    const file = PondFileCodec.decode(JSON.parse(Buffer.from(content).toString()));
    return isLeft(file) ? null : file.right;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

export const encodePondFile = (file: PondFile): Uint8Array =>
  Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
