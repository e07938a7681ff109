import { createHash } from 'node:crypto';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { Upload, UploadPart } from '../ports/object-store.js';
import type { ReliableStore } from './reliable-store.js';
import { sideBySide } from './side-by-side.js';
import type { StoreError } from './store-error.js';

/** An object that need not fit in memory. */
export interface LargeObject<E> {
  readonly key: string;
  readonly size: number;
  /** The bytes may be put into `room`, which has place for them. */
  readonly read: (offset: number, length: number, room?: Uint8Array) => TaskEither<E, Uint8Array>;
  readonly contentType?: string;
}

/** Bytes of one part; a smaller object is sent at once. */
export const PART_SIZE = 8 * 1024 * 1024;
/** No object has more parts. */
export const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 3;

/** Bytes of each part, but for the last, of an object of so many. */
export const partSizeOf = (size: number): number => Math.max(PART_SIZE, Math.ceil(size / MOST_PARTS));

/**
 * Sends an object, in parts where it is large. `resume`: parts that somebody sent before and never completed are not sent
 * again; only for keys whose content is always the same. `condition`: nothing is replaced.
 */
export const sendLarge = <E>(
  store: ReliableStore,
  object: LargeObject<E>,
  { resume, condition }: { readonly resume: boolean; readonly condition?: { readonly _tag: 'Absent' } },
): TaskEither<StoreError | E, void> =>
  steps<StoreError | E, void>(async ({ run }) => {
    const { key, size, read, contentType } = object;
    const typed = contentType === undefined ? {} : { contentType };
    if (size <= PART_SIZE) {
      const conditional = condition === undefined ? {} : { condition };
      await run(store.put({ key, content: await run(read(0, size)), ...typed, ...conditional }));
      return;
    }
    const partSize = partSizeOf(size);
    const earlier = resume ? await run(unfinished(store, key)) : null;
    const upload = earlier?.upload ?? (await run(store.uploads.begin({ key, ...typed })));
    const count = Math.ceil(size / partSize);
    /** Room for parts that none is in: one after another is read into the same, since memory is not given back as fast as it is filled. */
    const rooms: Uint8Array[] = [];
    const parts = await run(
      sideBySide(
        Array.from({ length: count }, (_, index) => index + 1),
        PARTS_AT_ONCE,
        (number) =>
          steps<StoreError | E, UploadPart>(async ({ run: runPart }) => {
            const room = rooms.pop() ?? new Uint8Array(partSize);
            const offset = (number - 1) * partSize;
            const part = { number, offset, room: room.subarray(0, Math.min(partSize, size - offset)) };
            const sent = await runPart(sendPart(store, upload, object, part, earlier?.parts.get(number)));
            rooms.push(room);
            return sent;
          }),
      ),
    );
    await run(store.uploads.complete(upload, parts, condition ?? null));
  });

const unfinished = (store: ReliableStore, key: string) =>
  steps<StoreError, { readonly upload: Upload; readonly parts: ReadonlyMap<number, UploadPart> } | null>(
    async ({ run }) => {
      const [upload] = await run(store.uploads.unfinished(key));
      if (upload === undefined) return null;
      const parts = await run(store.uploads.parts(upload));
      return { upload, parts: new Map(parts.map((part) => [part.number, part])) };
    },
  );

const sendPart = <E>(
  store: ReliableStore,
  upload: Upload,
  { read }: LargeObject<E>,
  { number, offset, room }: { readonly number: number; readonly offset: number; readonly room: Uint8Array },
  there: UploadPart | undefined,
): TaskEither<StoreError | E, UploadPart> =>
  steps<StoreError | E, UploadPart>(async ({ run }) => {
    const content = await run(read(offset, room.length, room));
    return there !== undefined && isPart(there, content)
      ? there
      : run(store.uploads.put(upload, { number, content }));
  });

/** Tells whether a part that is there has this content. Its tag is the content's MD5 where the store makes it so; else it is sent again. */
const isPart = ({ size, etag }: UploadPart, content: Uint8Array): boolean =>
  size === content.length && etag.replaceAll('"', '') === createHash('md5').update(content).digest('hex');
