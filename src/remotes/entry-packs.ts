import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { steps } from '../effects/steps.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import type { LogRoom } from './log-room.js';
import type { RemoteFailure } from './remote-error.js';
import { PACK_PREFIX, type PackRange, packRange } from './remote-keys.js';

/** Entries of one pack. */
export const PACK_SIZE = 1_000;

const Line = t.type({ version: t.number, entry: t.string });

/** A pack of entries as they were published: one JSON object a line. */
export const encodePack = (
  entries: readonly { readonly version: number; readonly text: Uint8Array }[],
): Uint8Array =>
  Buffer.from(
    entries
      .map(({ version, text }) => `${JSON.stringify({ version, entry: Buffer.from(text).toString() })}\n`)
      .join(''),
  );

/** Texts of entries that the remote's log leaves out, by version: the wanted ones of all packs, as long as there is room for the packs. */
export const readPacks = (
  store: ReliableStore,
  wanted: PackRange,
  room: LogRoom,
): TaskEither<RemoteFailure, ReadonlyMap<number, Uint8Array>> =>
  steps(async ({ run, fail }) => {
    const texts = new Map<number, Uint8Array>();
    for (const { key, size } of await run(store.list({ prefix: PACK_PREFIX }))) {
      const range = packRange(key);
      if (range === null || range.to < wanted.from || range.from > wanted.to) continue;
      await run(room.take(size));
      const { content } = await run(store.get({ key }));
      await run(room.take(Math.max(0, content.length - size)));
      for (const line of Buffer.from(content).toString().split('\n')) {
        if (line === '') continue;
        const read = parsed(line);
        if (read === null) {
          return fail({
            _tag: 'RemoteDamaged',
            store: store.url,
            key,
            problem: 'it is not a pack of log entries',
          });
        }
        const { version } = read;
        if (version < wanted.from || version > wanted.to) continue;
        texts.set(version, Buffer.from(read.entry));
      }
    }
    return texts;
  });

const parsed = (line: string): t.TypeOf<typeof Line> | null => {
  try {
    const decoded = Line.decode(JSON.parse(line));
    return decoded._tag === 'Right' ? decoded.right : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
