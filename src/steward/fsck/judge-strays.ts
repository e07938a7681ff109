import { isLeft } from 'fp-ts/lib/Either.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import { confirmStrays } from '../../tlogfs/check/confirm-strays.js';
import type { FoundStray } from '../../tlogfs/check/find-strays.js';
import type { Stray } from '../../tlogfs/check/table-finding.js';
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
 */
export const judgeStrays = async (
  ports: StewardPorts,
  directory: string,
  table: TableCheck,
  lastRecorded: number,
): Promise<JudgedStrays> => {
  const { data, writerLock } = layout(directory);
  const found = table.strays ?? [];
  const unknown = found.filter(({ stray }) => stray._tag === 'UnknownFile');
  const ours = found.filter(({ stray }) => stray._tag !== 'UnknownFile');
  if (ours.length === 0) return { strays: unknown, unjudged: 0 };
  const isBehind = lastRecorded > (table.commits.at(-1)?.txnSeq ?? 0);
  const held = ports.locks.isHeld(writerLock)();
  if (isBehind || isLeft(held) || held.right) return { strays: unknown, unjudged: ours.length };
  return {
    strays: [...(await confirmStrays(ports.files, data, table.version, ours)), ...unknown],
    unjudged: 0,
  };
};

export const strayFindings = ({ strays }: JudgedStrays): readonly Stray[] => strays.map(({ stray }) => stray);
