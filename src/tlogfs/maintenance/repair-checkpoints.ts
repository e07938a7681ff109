import { checkLog } from '../check/check-log.js';
import type { Replay } from '../check/log-replay.js';
import type { TableFinding } from '../check/table-finding.js';
import type { TableSource } from '../check/table-source.js';
import { corrupt, run } from '../failure.js';
import { writeCheckpoint } from '../log/checkpoint-writing.js';
import type { TableState } from '../log/table-state.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/**
 * Removes checkpoints that are not what the log says, and points `_last_checkpoint` at a new one. A checkpoint only
 * repeats the log, so nothing is lost with one; where another engine has shortened the log, the one that stands for its
 * beginning is what the rest is judged by, and never found wrong. `now`: milliseconds since the epoch. Only under the
 * writer's lock. Returns how many were wrong, a wrong pointer counted as one.
 */
export const repairCheckpoints = async (
  { files, layout, table }: SnapshotSource,
  now: number,
  { dryRun }: { readonly dryRun: boolean },
): Promise<number> => {
  const source: TableSource = { files, layout, named: (path) => path };
  const { findings, replay, version } = await checkLog(source, { quick: false, onEntry: () => undefined });
  const wrong = findings.filter(isOfCheckpoint);
  if (wrong.length === 0 || dryRun) return wrong.length;
  const state = stateOf(replay, version);
  const isDamaged = findings.some((finding) => !isOfCheckpoint(finding) && finding._tag !== 'LogCleanedUp');
  if (isDamaged || state === null) {
    throw corrupt(layout.logDir, 'it is damaged (pond fsck says how): its checkpoints are left as they are');
  }
  // Readers that find no pointer, or one that leads nowhere, read the log.
  run(files.remove(layout.lastCheckpoint));
  for (const finding of wrong)
    if ('version' in finding) run(files.remove(layout.checkpoint(finding.version)));
  await writeCheckpoint(files, layout, state, now);
  table.restored({ ...state, checkpointVersion: version });
  return wrong.length;
};

const isOfCheckpoint = ({ _tag }: TableFinding): boolean =>
  _tag === 'CheckpointUnreadable' ||
  _tag === 'CheckpointDiffers' ||
  _tag === 'LastCheckpointWrong' ||
  _tag === 'LastCheckpointMissing';

const stateOf = (replay: Replay, version: number): TableState | null => {
  const { protocol, metaData, isWhole, txns, files, removed } = replay;
  return protocol === null || metaData === null || !isWhole
    ? null
    : { version, protocol, metaData, txns, files, removed, checkpointVersion: -1 };
};
