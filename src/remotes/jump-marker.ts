import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { encodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import type { TableState } from '../tlogfs/log/table-state.js';
import { ENGINE } from '../tlogfs/table-layout.js';

/*
 * A push that leaves out versions first claims the version after the remote's newest one, by an entry that stands for all
 * that it leaves out: it has what the newest one has, so engines read it like any other. Whoever pushes another history
 * needs that version, too, and of all of them one gets it. The text that the pond has of that version lies in a pack.
 */

const Jump = t.type({ to: t.number, digest: t.string }, 'pond_jump');
const FirstLine = t.type({ commitInfo: t.type({ pond_jump: Jump }) });

/** Claim of a version by a push that goes on at a later one. */
export interface JumpMarker {
  /** The version that is claimed. */
  readonly version: number;
  /** The version that the remote gets next. */
  readonly to: number;
  /** SHA-256 of the text of that version's entry: it says whose history it is. */
  readonly digest: string;
}

/** The text of a claim for a jump to a state. `entries`: those that it leaves out, and the one that it goes to. `now`: milliseconds since the epoch. */
export const encodeJumpMarker = (
  state: TableState,
  entries: readonly LogEntry[],
  digest: string,
  now: number,
): Uint8Array => {
  const removed = new Map(
    entries.flatMap(({ removes }) => removes.map((remove) => [remove.path, remove] as const)),
  );
  const added = new Set(entries.flatMap(({ adds }) => adds.map(({ path }) => path)));
  return encodeLogEntry(
    {
      timestamp: now,
      operation: 'OPTIMIZE',
      operationParameters: {},
      engineInfo: ENGINE,
      pond_jump: { to: state.version, digest },
    },
    [
      { protocol: state.protocol },
      { metaData: state.metaData },
      ...[...state.txns.values()].map((txn) => ({ txn })),
      ...[...removed.values()]
        .filter(({ path }) => !state.files.has(path))
        .map((remove) => ({
          remove: { ...remove, dataChange: false, extendedFileMetadata: true, partitionValues: {} },
        })),
      ...[...state.files.values()]
        .filter(({ path }) => added.has(path))
        .map(({ bounds: _, ...add }) => ({ add: { ...add, partitionValues: {}, dataChange: false } })),
    ],
  );
};

/** Reads an entry of a remote as a claim; null: it is an entry of a pond. */
export const decodeJumpMarker = (version: number, text: Uint8Array): JumpMarker | null => {
  const end = text.indexOf(0x0a);
  const line = Buffer.from(text.subarray(0, end < 0 ? text.length : end)).toString();
  if (!line.includes('"pond_jump"')) return null;
  try {
    const decoded = FirstLine.decode(JSON.parse(line));
    return isLeft(decoded) ? null : { version, ...decoded.right.commitInfo.pond_jump };
  } catch (error) {
    // What cannot be read at all claims nothing: whoever reads it as an entry says what is wrong with it.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
