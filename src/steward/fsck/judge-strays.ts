import { isLeft } from 'fp-ts/lib/Either.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import { confirmStrays } from '../../tlogfs/check/confirm-strays.js';
import type { FoundStray } from '../../tlogfs/check/find-strays.js';
import type { Stray } from '../../tlogfs/check/table-finding.js';
import { mergedVersionOf } from '../../tlogfs/table-layout.js';
import { layout } from '../pond/pond.js';
import type { StewardPorts } from '../steward-ports.js';

export interface JudgedStrays {
  readonly strays: readonly FoundStray[];
  /** Files that may be a writer's that is at work. */
  readonly unjudged: number;
}

/**
 * Tells what a crash left from what a writer is about to commit. They were listed first; if nobody holds the writer's
 * lock now, whoever made them has ended since, and what no commit refers to by now is left over.
 *
 * `lastRecorded`: the newest commit that the control table knows. Where the log has lost it, what looks left over may
 * be all that is left of it: then nothing is judged, and nobody removes anything.
 *
 * `isInStore`: whoever merges may be suspended with the lock lost, and publish what it has sent as the next version when it wakes up. Until
 * another commit has that version, its file is not judged, and recovery leaves it there.
 */
export const judgeStrays = async (
  ports: StewardPorts,
  directory: string,
  table: TableCheck,
  { lastRecorded, isInStore }: { readonly lastRecorded: number; readonly isInStore: boolean },
): Promise<JudgedStrays> => {
  const { data, writerLock } = layout(directory);
  const found = table.strays ?? [];
  const unknown = found.filter(({ stray }) => stray._tag === 'UnknownFile');
  const known = found.filter(({ stray }) => stray._tag !== 'UnknownFile');
  const ours = known.filter(({ stray }) => !(isInStore && mayBeNext(stray, table.version)));
  const unjudged = known.length - ours.length;
  if (ours.length === 0) return { strays: unknown, unjudged };
  const isBehind = lastRecorded > (table.commits.at(-1)?.txnSeq ?? 0);
  const held = ports.locks.isHeld(writerLock)();
  if (isBehind || isLeft(held) || held.right) return { strays: unknown, unjudged: known.length };
  return {
    strays: [...(await confirmStrays(ports.files, data, table.version, ours)), ...unknown],
    unjudged,
  };
};

/** Tells whether a file was merged for a version that there is not yet. */
const mayBeNext = ({ file }: Stray, version: number): boolean =>
  (mergedVersionOf(file.slice(file.lastIndexOf('/') + 1)) ?? -1) > version;

export const strayFindings = ({ strays }: JudgedStrays): readonly Stray[] => strays.map(({ stray }) => stray);
