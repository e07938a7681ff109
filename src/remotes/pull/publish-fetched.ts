import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { makeDurableDirectory } from '../../tlogfs/durable-directory.js';
import { attempt, run, runTask } from '../../tlogfs/failure.js';
import { writeCheckpoint } from '../../tlogfs/log/checkpoint-writing.js';
import { publishEntry } from '../../tlogfs/log/publication.js';
import type { TableState } from '../../tlogfs/log/table-state.js';
import { CHECKPOINT_INTERVAL } from '../../tlogfs/open-tlog.js';
import { stagedEntry, type TableLayout, tableLayout } from '../../tlogfs/table-layout.js';
import type { RemoteError } from '../remote-error.js';
import type { FetchedEntry, PullDeps } from './pulling.js';

/** Entries that are published one by one; more of them are, like those whose files are gone, stood for by a checkpoint first. */
const FEW = 32;
/** Entries that are written side by side. */
const BATCH = 128;

/**
 * Publishes fetched entries. Where every version on the way is whole, one after another, as they were committed. Else a
 * checkpoint of the newest comes first: from then on that is what readers open, and the entries below it are history.
 */
export const publishFetched = (
  { files, dataDir, ids, now }: PullDeps,
  before: TableState | null,
  state: TableState,
  entries: readonly FetchedEntry[],
): TaskEither<RemoteError, void> =>
  attempt(async () => {
    const layout = tableLayout(dataDir);
    if (entries.length === 0) return;
    makeDurableDirectory(files, layout.logDir, dataDir);
    const isWhole = entries.every(({ entry }) => entry.adds.every(({ path }) => state.files.has(path)));
    if (before !== null && isWhole && entries.length <= FEW) {
      // Entries before the newest are missing where a pull was killed, perhaps before anything pointed at the checkpoint that stands for them.
      if (entries.some(({ version }) => version <= before.version)) {
        await writeCheckpoint(files, layout, before, now());
      }
      for (const { version, text } of entries) {
        const stagedName = stagedEntry(ids.uuidV7());
        await publishEntry(files, layout, { version, entry: text, stagedName, dataFile: null });
      }
      if (state.version - before.checkpointVersion < CHECKPOINT_INTERVAL) return;
      await writeCheckpoint(files, layout, state, now());
      return;
    }
    await writeCheckpoint(files, layout, state, now());
    // The newest first: some engines do not open a table whose newest checkpoint has no entry of its version or a later one.
    await publishAll(files, layout, entries.slice(-1), () => stagedEntry(ids.uuidV7()));
    for (let from = 0; from < entries.length - 1; from += BATCH) {
      const batch = entries.slice(from, Math.min(from + BATCH, entries.length - 1));
      await publishAll(files, layout, batch, () => stagedEntry(ids.uuidV7()));
    }
  });

const publishAll = async (
  files: PullDeps['files'],
  layout: TableLayout,
  entries: readonly FetchedEntry[],
  stagedName: () => string,
): Promise<void> => {
  const staged = entries.map((entry) => ({ ...entry, path: layout.staged(stagedName()) }));
  await runTask(
    files.writeNewFiles(
      staged.map(({ path, text }) => ({ path, content: text })),
      [],
    ),
  );
  for (const { path, version } of staged) {
    const linked = files.link(path, layout.logEntry(version))();
    if (linked._tag === 'Left' && linked.left.code !== 'EEXIST') throw linked.left;
  }
  run(files.fsyncDirectory(layout.logDir));
  for (const { path } of staged) run(files.remove(path));
};
