import type { FileSystem } from '../../ports/file-system.js';
import { checkLog } from '../check/check-log.js';
import { type FoundStray, findStrays } from '../check/find-strays.js';
import { replacedFiles } from '../check/replaced-files.js';
import type { TableSource } from '../check/table-source.js';
import { corrupt, run } from '../failure.js';
import type { DataFile } from '../log/log-entry.js';
import { unsupported } from '../log/table.js';
import { blobsIn } from '../rows/blobs-in.js';
import { isDataFileName, versionOf } from '../table-layout.js';
import type { StrayFile, Strays, SweepOptions, Swept } from '../tlog.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/**
 * Removes files that nothing refers to: what dead writers left, and, where that is asked for, files that were merged
 * away before some time and checkpoints that a newer one stands in for. The caller holds the writer's lock, so nobody
 * is about to refer to any of them.
 *
 * What is referred to is found by reading all of the log and all rows. If any of that cannot be read, nothing is
 * removed: what looks left over may be all that is left.
 */
export const sweep = async (source: SnapshotSource, options: SweepOptions): Promise<Swept> =>
  removeAll(source, await removalsIn(source, options.mergedAwayBefore), options.dryRun);

/**
 * Files that nothing refers to at one version of the log, found without the lock: among them may be what a writer that is at work
 * has not committed yet.
 */
export const strays = async (source: SnapshotSource): Promise<Strays> => {
  const { version } = source.table.refresh();
  return { version, files: await removalsIn(source, null) };
};

/**
 * Removes files that were found so, but for those that have been committed since. Under the writer's lock nobody is about to refer to
 * any of them.
 */
export const removeStrays = async (source: SnapshotSource, { version, files }: Strays): Promise<Swept> => {
  const { table, layout } = source;
  const { version: newest, files: active } = table.refresh();
  const added: DataFile[] = [];
  for (let next = version + 1; next <= newest; next += 1) added.push(...table.readEntry(next).adds);
  // Rows of files that were merged away since are in files that were added later.
  const blobs = await blobsIn(
    source.rowFiles,
    added.filter(({ path }) => active.has(path)),
  );
  const used = new Set([
    ...added.map(({ path }) => layout.dataFile(path)),
    ...[...blobs].map((digest) => layout.blob(digest)),
  ]);
  return removeAll(
    source,
    files.filter(({ path }) => !used.has(path)),
    false,
  );
};

const removalsIn = async (source: SnapshotSource, before: number | null): Promise<readonly StrayFile[]> => {
  const { files, layout } = source;
  const table: TableSource = { files, layout, named: (path) => path };
  const log = await checkLog(table, { quick: true, onEntry: () => undefined });
  const damage = log.findings.find(({ _tag }) => _tag.startsWith('LogEntry') || _tag === 'LogPackDamaged');
  if (damage?._tag === 'LogEntryNotSupported')
    throw unsupported(layout, `${damage.problem}: nothing is removed`);
  if (damage !== undefined)
    throw corrupt(layout.logDir, 'it is damaged (pond fsck says how): nothing is removed');
  const { replay } = log;

  const found = findStrays(table, {
    dataFiles: replay.added,
    blobs: await blobsIn(source.rowFiles, [
      ...replay.files.values(),
      // Whoever still reads a replaced file finds what it refers to.
      ...replacedFiles(table, replay).filter(
        ({ path }) => before === null || (replay.removed.get(path)?.deletionTimestamp ?? 0) > before,
      ),
    ]),
  });
  const mergedAway =
    before === null
      ? []
      : [...replay.removed.values()]
          .filter(
            ({ path, deletionTimestamp }) =>
              !replay.files.has(path) && (deletionTimestamp ?? 0) <= before && isDataFileName(path),
          )
          .map(({ path }): StrayFile => ({ path: layout.dataFile(path), kind: 'merged_away_files' }));
  return [
    ...found.flatMap(removalOfStray),
    ...mergedAway,
    // Where another engine has shortened the log, a checkpoint is all that is left of its beginning.
    ...(before === null || log.firstEntry > 0 ? [] : supersededCheckpoints(source)),
  ];
};

const removeAll = (
  { files, layout }: SnapshotSource,
  removals: readonly StrayFile[],
  dryRun: boolean,
): Swept => {
  const removed: Record<keyof Swept['removed'], number> = {
    staged_files: 0,
    orphaned_files: 0,
    orphaned_blobs: 0,
    merged_away_files: 0,
    checkpoints: 0,
  };
  let bytes = 0;
  // Whoever published the newest versions may have died before they were durable: nothing goes that they stand in for.
  if (!dryRun && removals.length > 0) run(files.fsyncDirectory(layout.logDir));
  for (const { path, kind } of removals) {
    const found = files.stat(path)();
    if (found._tag === 'Left') continue;
    if (!dryRun) run(files.remove(path));
    removed[kind] += 1;
    bytes += found.right.size;
  }
  return { removed, bytes };
};

const removalOfStray = ({ stray, path }: FoundStray): readonly StrayFile[] => {
  switch (stray._tag) {
    case 'StagedLeftover':
      return [{ path, kind: 'staged_files' }];
    case 'OrphanedDataFile':
      return [{ path, kind: 'orphaned_files' }];
    case 'OrphanedBlob':
      return [{ path, kind: 'orphaned_blobs' }];
    case 'UnknownFile':
      return [];
  }
};

/** Log entries are never removed, so an older checkpoint is of no use to anybody: readers start from the newest. */
const supersededCheckpoints = ({ files, layout, table }: SnapshotSource): readonly StrayFile[] =>
  checkpointsIn(files, layout.logDir)
    .filter((version) => version < table.known().checkpointVersion)
    .map((version) => ({ path: layout.checkpoint(version), kind: 'checkpoints' }));

const checkpointsIn = (files: FileSystem, logDir: string): readonly number[] =>
  run(files.readDirectory(logDir)).flatMap((name) => versionOf(name, '.checkpoint.parquet') ?? []);
