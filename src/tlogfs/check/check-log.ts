import { isFileSystemError, isMissing, isUnreadable, problemOf } from '../failure.js';
import { readCheckpoint } from '../log/checkpoint-reading.js';
import { type PackRange, packsOf } from '../log/entry-text.js';
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
import { listed, readEntry, type TableSource, UnreadEntry } from './table-source.js';

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
  const entries = listed(files, layout.logDir).flatMap((name) => versionOf(name, '.json') ?? []);
  const known = [...checkpoints].filter((version) => version !== null);
  const newest = [...entries, ...known].reduce((most, version) => Math.max(most, version), -1);

  const { lost, sound } = checkPacks(source);
  for (const { file, problem } of lost) findings.push({ _tag: 'LogPackDamaged', file, problem });
  const ofTheirOwn = new Set(entries);
  const isLost = (version: number) =>
    !ofTheirOwn.has(version) && lost.some((pack) => pack.first <= version && version <= pack.last);

  const first = firstEntry(files, layout);
  if (first > 0) {
    findings.push({ _tag: 'LogCleanedUp', file: named(layout.logDir), version: first });
  }
  /** Versions of which nothing is there, from one up to another, which is not one of them. However many: a name says any number. */
  const passGap = (from: number, to: number): void => {
    passOver(replay, to - from);
    const each = Math.min(to, from + MOST_MISSING);
    for (let version = Math.max(from, first); version < each; version += 1) {
      doubtful.add(version);
      // Said once, of the pack.
      if (isLost(version)) continue;
      const more = version === each - 1 && each < to ? { more: to - each } : {};
      findings.push({ _tag: 'LogEntryMissing', file: named(layout.logEntry(version)), version, ...more });
    }
  };
  let next = 0;
  for (const version of inOrder(entries, known, sound)) {
    if (version > next) passGap(next, version);
    next = version + 1;
    if (version < first) {
      passOver(replay);
      const standsIn = checkpoints.has(version) ? await checkCheckpoint(source, version, replay) : null;
      if (standsIn !== null && standsIn.state !== null) resumeFrom(replay, standsIn.state);
      continue;
    }
    onEntry();
    const file = named(layout.logEntry(version));
    const read = readEntry(source, version);
    if (read === null) {
      passGap(version, version + 1);
    } else if (read instanceof UnreadEntry) {
      if (!isLost(version)) findings.push({ _tag: read.finding, file, version, problem: read.problem });
      doubtful.add(version);
      passOver(replay);
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

/** Missing entries that follow each other and are said one by one. */
const MOST_MISSING = 10;

/** The versions of which there is anything, in ascending order, each once. */
const inOrder = (
  entries: readonly number[],
  checkpoints: readonly number[],
  packs: readonly PackRange[],
): readonly number[] => {
  const versions = new Set([...entries, ...checkpoints]);
  for (const { first, last } of packs) for (let one = first; one <= last; one += 1) versions.add(one);
  return [...versions].sort((a, b) => a - b);
};

/** The packs: those that cannot be read or are not what was written, and the others. */
const checkPacks = ({ files, layout, named }: TableSource) => {
  const lost: (PackRange & { readonly file: string; readonly problem: string })[] = [];
  const sound: PackRange[] = [];
  for (const pack of packsOf(files, layout)) {
    const path = layout.pack(pack);
    const damaged = (problem: string) => lost.push({ ...pack, file: named(path), problem });
    try {
      const problem = packProblem(files, path);
      if (problem === null) sound.push(pack);
      else damaged(problem);
    } catch (error) {
      // Made part of another one since it was listed.
      if (isMissing(error)) continue;
      if (isUnreadable(error)) damaged(error.problem);
      else if (isFileSystemError(error)) damaged(problemOf(error));
      else throw error;
    }
  }
  return { lost, sound };
};

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
