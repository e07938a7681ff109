import { isFileSystemError, isMissing, isUnreadable, problemOf } from '../failure.js';
import { readCheckpoint } from '../log/checkpoint-reading.js';
import { packsOf } from '../log/entry-text.js';
import { packProblem } from '../log/history-pack.js';
import { firstEntry } from '../log/table.js';
import type { TableState } from '../log/table-state.js';
import { versionOf } from '../table-layout.js';
import { checkPointer } from './check-pointer.js';
import { compareCheckpoint } from './compare-checkpoint.js';
import {
  beginReplay,
  follow,
  isBeyond,
  notKnownIn,
  passOver,
  type Replay,
  resumeFrom,
} from './log-replay.js';
import type { TableFinding } from './table-finding.js';
import { listed, readEntry, type TableSource } from './table-source.js';

export interface CheckedLog {
  readonly findings: readonly TableFinding[];
  /** The newest version; -1: there is no log. */
  readonly version: number;
  readonly replay: Replay;
  readonly checkpoints: number;
  /** The version of the oldest entry; above 0 where another engine has cleaned up the log. */
  readonly firstEntry: number;
  /** Versions whose entries could not be read or contradict others: what they say is not known. */
  readonly doubtful: ReadonlySet<number>;
}

/**
 * Reads the whole log, entry by entry, and holds each checkpoint against what the entries before it add up to.
 * What was there is listed first in the order in which readers need it, so that somebody who writes meanwhile causes
 * no finding: a checkpoint that was listed has its entries, a pointer its checkpoint.
 */
export const checkLog = async (
  source: TableSource,
  { quick, onEntry }: { readonly quick: boolean; readonly onEntry: () => void },
): Promise<CheckedLog> => {
  const { files, layout, named } = source;
  const findings: TableFinding[] = [];
  const replay = beginReplay();
  const doubtful = new Set<number>();

  const pointer = checkPointer(source);
  const names = listed(files, layout.logDir);
  const checkpoints = new Set(names.map((name) => versionOf(name, '.checkpoint.parquet')));
  const newest = Math.max(-1, ...listed(files, layout.logDir).map((name) => versionOf(name, '.json') ?? -1));

  const lost = damagedPacks(source);
  for (const { file, problem } of lost) findings.push({ _tag: 'LogPackDamaged', file, problem });
  const isLost = (version: number) =>
    lost.some((pack) => pack.first <= version && version <= pack.last) &&
    files.stat(layout.logEntry(version))()._tag === 'Left';

  const first = firstEntry(files, layout);
  if (first > 0) {
    findings.push({ _tag: 'LogCleanedUp', file: named(layout.logDir), version: first });
  }
  for (let version = 0; version <= newest; version += 1) {
    if (version < first) {
      passOver(replay);
      const standsIn = checkpoints.has(version) ? await checkCheckpoint(source, version, replay) : null;
      if (standsIn !== null && standsIn.state !== null) resumeFrom(replay, standsIn.state);
      continue;
    }
    onEntry();
    const file = named(layout.logEntry(version));
    // Said once, of the pack.
    const read = isLost(version) ? 'lost' : readEntry(source, version);
    if (read === 'lost') {
      // What a checkpoint below says goes on from here.
    } else if (typeof read === 'string') {
      findings.push({ _tag: 'LogEntryUnreadable', file, version, problem: read });
    } else if (read === null) {
      findings.push({ _tag: 'LogEntryMissing', file, version });
    } else {
      const notKnown = notKnownIn(read);
      if (notKnown !== null) {
        findings.push({ _tag: 'LogEntryNotSupported', file, version, problem: notKnown });
      }
      const isUnread = isBeyond(replay, read);
      const problem = isUnread ? null : follow(replay, version, read);
      if (problem !== null) findings.push({ _tag: 'LogEntryContradicts', file, version, problem });
      if (isUnread || problem !== null) doubtful.add(version);
    }
    if (typeof read === 'string' || read === null) {
      doubtful.add(version);
      passOver(replay);
    }
    if (!checkpoints.has(version)) continue;
    if (quick && replay.isWhole && version !== pointer.version) continue;
    const checked = await checkCheckpoint(source, version, replay);
    if (checked.finding !== null) findings.push(checked.finding);
    else if (!replay.isWhole && checked.state !== null) resumeFrom(replay, checked.state);
  }
  return {
    findings: [...findings, ...pointer.findings(checkpoints, findings)],
    version: newest,
    firstEntry: Math.max(0, first),
    replay,
    checkpoints: checkpoints.size - (checkpoints.has(null) ? 1 : 0),
    doubtful,
  };
};

/** Packs that cannot be read, or are not what was written. */
const damagedPacks = ({ files, layout, named }: TableSource) =>
  packsOf(files, layout).flatMap((pack) => {
    const path = layout.pack(pack);
    const damaged = (problem: string) => [{ ...pack, file: named(path), problem }];
    try {
      const problem = packProblem(files, path);
      return problem === null ? [] : damaged(problem);
    } catch (error) {
      // Made part of another one since it was listed.
      if (isMissing(error)) return [];
      if (isUnreadable(error)) return damaged(error.problem);
      if (isFileSystemError(error)) return damaged(problemOf(error));
      throw error;
    }
  });

const checkCheckpoint = async (
  { files, layout, named }: TableSource,
  version: number,
  replay: Replay,
): Promise<{ readonly finding: TableFinding | null; readonly state: TableState | null }> => {
  const file = named(layout.checkpoint(version));
  try {
    const state = await readCheckpoint(files, layout, version);
    const problem = replay.isWhole ? compareCheckpoint(state, replay) : null;
    return {
      finding: problem === null ? null : { _tag: 'CheckpointDiffers', file, version, problem },
      state,
    };
  } catch (error) {
    // Maintenance removes old ones beside us.
    if (isMissing(error)) return { finding: null, state: null };
    const problem = isUnreadable(error) ? error.problem : isFileSystemError(error) ? problemOf(error) : null;
    if (problem === null) throw error;
    return { finding: { _tag: 'CheckpointUnreadable', file, version, problem }, state: null };
  }
};
