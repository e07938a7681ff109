import type { Forgetting, NodeRow } from '../../domain/tree/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import { isFileSystemError, isMissing } from '../failure.js';
import { unknownFormat } from '../log/pond-format.js';
import { tableLayout } from '../table-layout.js';
import type { LoggedCommit } from '../tlog.js';
import { checkBlobs } from './check-blobs.js';
import { type CheckedRow, type ContentOptions, checkDataFile } from './check-data-file.js';
import { checkHistories } from './check-histories.js';
import { checkKinds } from './check-kinds.js';
import { type CheckedLog, checkLog } from './check-log.js';
import { checkNamespace } from './check-namespace.js';
import { type FoundStray, findStrays } from './find-strays.js';
import { rootOfTree } from './live-content.js';
import { nodeTree } from './node-tree.js';
import { replacedFiles } from './replaced-files.js';
import type { TableFinding } from './table-finding.js';
import { listed, readEntry, type TableSource, UnreadEntry } from './table-source.js';

/** Amount of the table that was looked at. */
export interface TableCounts {
  readonly log_entries: number;
  readonly checkpoints: number;
  /** Data files of the newest version. */
  readonly data_files: number;
  /** Data files that were merged into others and are still there. */
  readonly merged_away_files: number;
  /** Rows of all versions: one for each change of an entry. */
  readonly rows: number;
  /** Entries that the pond has now. */
  readonly entries: number;
  /** Contents that are files of their own. */
  readonly blobs: number;
}

/** Outcome of checking a table. */
export interface TableCheck {
  /** State from the log; null where that cannot be read. */
  readonly pondId: string | null;
  /** The pond's format where this version does not know it: what is found then says nothing. */
  readonly unknownFormat: string | null;
  readonly version: number;
  readonly findings: readonly TableFinding[];
  /** Files that nothing refers to; a writer at work may have made them. Null: not judged, the log or rows are damaged. */
  readonly strays: readonly FoundStray[] | null;
  /** Commits that the log tells of, in order. */
  readonly commits: readonly LoggedCommit[];
  /** The oldest version whose entry is there. */
  readonly firstEntry: number;
  /** Tells whether the newest state is known: a checkpoint stands for entries that are missing. */
  readonly isFollowed: boolean;
  /** Versions of which nothing certain is known. */
  readonly doubtful: ReadonlySet<number>;
  /** Null where the content is not all there, or not what it should be. */
  readonly contentRoot: string | null;
  readonly checked: TableCounts;
}

/** Files of a version that were merged away and removed while they were read: looked for again so many times. */
const TRIES = 5;

/** Checks the table in a data directory. Writes nothing, needs no lock, and never fails because of what it finds. */
export const checkTable = async (
  files: FileSystem,
  dataDir: string,
  options: ContentOptions & { readonly named: (path: string) => string },
): Promise<TableCheck> => {
  const source: TableSource = { files, layout: tableLayout(dataDir), named: options.named };
  try {
    for (let tries = 1; ; tries += 1) {
      const log = await checkLog(source, { quick: options.quick, onEntry: () => options.onBytes(0) });
      const checked = await checkVersion(source, log, options, tries === TRIES);
      if (checked !== 'outdated') return checked;
    }
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    const { path, call, code } = error;
    const unreadable: TableFinding = { _tag: 'StorageUnreadable', file: options.named(path), call, code };
    return { ...NOTHING, findings: error._tag === 'UnsafeFile' ? checkKinds(source) : [unreadable] };
  }
};

/** The report of a table of which not even a directory can be read. */
const NOTHING: TableCheck = {
  pondId: null,
  unknownFormat: null,
  version: -1,
  findings: [],
  strays: null,
  commits: [],
  firstEntry: 0,
  isFollowed: false,
  doubtful: new Set(),
  contentRoot: null,
  checked: {
    log_entries: 0,
    checkpoints: 0,
    data_files: 0,
    merged_away_files: 0,
    rows: 0,
    entries: 0,
    blobs: 0,
  },
};

interface ReadRows {
  readonly rows: readonly CheckedRow[];
  readonly findings: readonly TableFinding[];
  readonly lost: number;
}

const checkVersion = async (
  source: TableSource,
  log: CheckedLog,
  options: ContentOptions,
  asItIs: boolean,
): Promise<TableCheck | 'outdated'> => {
  const { replay, version } = log;
  const pondId = replay.metaData?.id ?? null;
  const read = await readRows(source, log, options, asItIs);
  if (read === 'outdated') return read;

  const rows = read.rows.map(({ row }) => row);
  const tree = nodeTree(rows);
  const isWhole = version >= 0 && replay.isWhole && read.lost === 0 && log.doubtful.size === 0;
  const between = isWhole ? [...checkHistories(tree, replay.txnSeq), ...checkNamespace(tree)] : [];
  const unsound = between.length > 0;
  const inRows = read.rows.flatMap((checked) => findingsOfRow(checked, tree.pathOf));
  const blobs = await checkBlobs(source, rows, tree, options);
  const findings = [
    ...forgottenIn(rows),
    ...checkKinds(source),
    ...log.findings,
    ...read.findings,
    ...inRows,
    ...between,
    ...blobs.findings,
  ];
  const isSound = isWhole && !unsound && inRows.length === 0 && blobs.findings.length === 0;
  return {
    pondId,
    unknownFormat: replay.metaData === null ? null : unknownFormat(replay.metaData),
    version,
    findings: version < 0 ? [...findings, ...logMissing(source)] : findings,
    strays: isWhole
      ? findStrays(source, {
          dataFiles: replay.added,
          blobs: new Set([...blobsOf(rows), ...(await blobsOfReplaced(source, replay, options))]),
        })
      : null,
    commits: replay.commits,
    firstEntry: log.firstEntry,
    isFollowed: replay.isWhole,
    doubtful: log.doubtful,
    contentRoot: isSound ? rootOfTree(tree) : null,
    checked: {
      log_entries: version + 1 - log.firstEntry,
      checkpoints: log.checkpoints,
      data_files: replay.files.size,
      merged_away_files: [...replay.removed.keys()].filter((path) => exists(source, path)).length,
      rows: rows.length,
      entries: tree.entries.length,
      blobs: blobs.count,
    },
  };
};

const readRows = async (
  source: TableSource,
  { replay, version }: CheckedLog,
  options: ContentOptions,
  asItIs: boolean,
): Promise<ReadRows | 'outdated'> => {
  const rows: CheckedRow[] = [];
  const findings: TableFinding[] = [];
  let lost = 0;
  for (const file of replay.files.values()) {
    const path = source.layout.dataFile(file.path);
    try {
      const checked = await checkDataFile(source, file, replay.metaData?.id ?? null, options);
      if (checked._tag === 'Read') {
        for (const row of checked.rows) rows.push(row);
        findings.push(...checked.findings);
      } else {
        findings.push(checked.finding);
        lost += 1;
      }
    } catch (error) {
      lost += 1;
      if (isMissing(error)) {
        if (!asItIs && wasMergedSince(source, version, file.path)) return 'outdated';
        findings.push({ _tag: 'DataFileMissing', file: source.named(path) });
      } else if (isFileSystemError(error)) {
        const { call, code } = error;
        findings.push({ _tag: 'StorageUnreadable', file: source.named(path), call, code });
      } else throw error;
    }
  }
  return { rows, findings, lost };
};

/** Tells whether an entry that was published since takes the file out of the table. */
const wasMergedSince = (source: TableSource, version: number, path: string): boolean => {
  for (let next = version + 1; ; next += 1) {
    const entry = readEntry(source, next);
    if (entry === null || entry instanceof UnreadEntry) return false;
    if (entry.removes.some((remove) => remove.path === path)) return true;
  }
};

/** One note for all contents that are forgotten. */
const forgottenIn = (rows: readonly NodeRow[]): readonly TableFinding[] => {
  const ends = rows.flatMap(({ forgotten }) => forgotten ?? []);
  if (ends.length === 0) return [];
  const last = (of: (end: Forgetting) => number) => ends.reduce((most, end) => Math.max(most, of(end)), 0);
  return [
    {
      _tag: 'ContentsForgotten',
      contents: ends.length,
      before: last(({ before }) => before),
      since: new Date(last(({ since }) => since) / 1000).toISOString(),
    },
  ];
};

const findingsOfRow = (
  { row, contentProblem, isForeign, fileTxnSeq }: CheckedRow,
  pathOf: (row: NodeRow) => string | null,
): readonly TableFinding[] => {
  const place = { path: pathOf(row), nodeId: row.nodeId, version: row.version };
  if (isForeign) return [{ _tag: 'RowUnsound', ...place, problem: 'other-pond' }];
  if (fileTxnSeq !== null && fileTxnSeq !== row.txnSeq) {
    return [{ _tag: 'RowUnsound', ...place, problem: 'other-transaction' }];
  }
  return contentProblem === null ? [] : [{ _tag: 'ContentDamaged', ...place, problem: contentProblem }];
};

const blobsOf = (rows: readonly NodeRow[]): ReadonlySet<string> =>
  new Set(
    rows.flatMap(({ storageFormat, sha256 }) =>
      storageFormat === 'external' && sha256 !== null ? [sha256] : [],
    ),
  );

/** Blobs that rows of replaced files refer to, as far as these can be read. */
const blobsOfReplaced = async (
  source: TableSource,
  replay: CheckedLog['replay'],
  options: ContentOptions,
): Promise<ReadonlySet<string>> => {
  const rows: NodeRow[] = [];
  for (const file of replacedFiles(source, replay)) {
    const read = await checkDataFile(source, { ...file, txnSeq: null }, null, { ...options, quick: true });
    if (read._tag === 'Read') rows.push(...read.rows.map(({ row }) => row));
  }
  return blobsOf(rows);
};

const exists = ({ files, layout }: TableSource, path: string): boolean =>
  files.stat(layout.dataFile(path))()._tag === 'Right';

/** Tells whether there was a pond: without a log there is none; with data files there was one. An interrupted `init` leaves one file at most. */
const logMissing = ({ files, layout, named }: TableSource): readonly TableFinding[] =>
  listed(files, layout.dataDir).filter((name) => name.endsWith('.parquet')).length > 1 ||
  listed(files, layout.blobRoot).length > 0
    ? [{ _tag: 'LogMissing', file: named(layout.logDir) }]
    : [];
