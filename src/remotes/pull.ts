import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { FileSystem } from '../ports/file-system.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { sideBySide } from '../stores/side-by-side.js';
import { attempt } from '../tlogfs/failure.js';
import { checksumProblem } from '../tlogfs/log/entry-checksum.js';
import { refuseUnknownFormat } from '../tlogfs/log/pond-format.js';
import { BEGINNING, replay, type TableState, txnSeqOf } from '../tlogfs/log/table-state.js';
import { missingEntries } from './entries-here.js';
import { readPacks } from './entry-packs.js';
import { type FetchedCounts, fetchContents } from './fetch-contents.js';
import { type LocalLog, openLocalLog } from './local-log.js';
import { publishFetched } from './publish-fetched.js';
import type { FetchedEntry, PullDeps } from './pulling.js';
import type { RemoteError } from './remote-error.js';
import { entryKey } from './remote-keys.js';
import { compareLogs, decodeRemoteEntry, listRemoteLog, type RemoteLog } from './remote-log.js';
import { wholeStateAt } from './whole-state.js';

/** Result of a pull. */
export interface PullReport extends FetchedCounts {
  readonly pondId: string;
  /** The newest version and transaction before and after. */
  readonly from: number;
  readonly version: number;
  readonly txnSeq: number;
  readonly entries: number;
}

/** Entries that are asked for at once. */
const ENTRIES_AT_ONCE = 16;

/**
 * Brings what is new of a remote into a data directory that publishes nothing of its own: contents first, each with its
 * digest checked, then log entries. `at`: the state after that transaction, only where nothing is there yet.
 * Whatever a crash leaves is a whole older or newer state, and repeating the pull fetches what is missing.
 */
export const pull = (
  deps: PullDeps,
  { at }: { readonly at: number | null },
): TaskEither<RemoteError, PullReport> =>
  steps<RemoteError, PullReport>(async ({ run, fail }) => {
    const { files, dataDir, store } = deps;
    const local = await run(localLogIfAny(files, dataDir));
    const from = local?.state.version ?? -1;
    const gaps = local === null ? [] : await run(attempt(async () => missingEntries(local)));
    const remote = await run(listRemoteLog(store, Math.max(0, gaps[0] ?? from)));
    if (remote.tip < 0 && local === null) return fail({ _tag: 'NotARemote', store: store.url });
    if (local !== null) await run(refuseDiverged(store, remote, local));
    const fetched = await run(fetchEntries(store, remote, { after: from, gaps }));
    const news = fetched.filter(({ version }) => version > from);
    const target = await run(targetOf(deps, local?.state ?? null, news, at));
    const { state } = target;
    const taken = fetched.filter(({ version }) => version <= state.version);
    const counts = await run(fetchContents(deps, local?.state ?? null, state));
    await run(publishFetched(deps, local?.state ?? null, state, taken));
    return {
      ...counts,
      ...{ pondId: state.metaData.id, from, version: state.version, txnSeq: txnSeqOf(state) },
      entries: taken.length,
    };
  });

/** Null where there is no log. */
const localLogIfAny = (files: FileSystem, dataDir: string): TaskEither<RemoteError, LocalLog | null> =>
  steps<RemoteError, LocalLog | null>(async ({ fail }) => {
    const opened = await openLocalLog(files, dataDir)();
    if (!isLeft(opened)) return opened.right;
    return opened.left._tag === 'NotAPond' ? null : fail(opened.left);
  });

const refuseDiverged = (
  store: ReliableStore,
  remote: RemoteLog,
  local: LocalLog,
): TaskEither<RemoteError, void> =>
  steps<RemoteError, void>(async ({ run, fail }) => {
    const relation = await run(compareLogs(store, remote, local, null));
    if (relation._tag === 'Differs') {
      return fail({ _tag: 'Diverged', store: store.url, version: relation.version, how: 'differs' });
    }
    if (relation._tag === 'RemoteBehind') {
      return fail({ _tag: 'Diverged', store: store.url, version: remote.tip, how: 'behind' });
    }
  });

/** Versions whose entries are wanted. */
interface WantedEntries {
  /** All that come after this one. */
  readonly after: number;
  /** Some before, in order. */
  readonly gaps?: readonly number[];
}

/** Texts and meanings of entries, from the log or from what it leaves out, each as it was published. */
export const fetchEntries = (
  store: ReliableStore,
  remote: RemoteLog,
  { after, gaps = [] }: WantedEntries,
): TaskEither<RemoteError, readonly FetchedEntry[]> =>
  steps<RemoteError, readonly FetchedEntry[]>(async ({ run, fail }) => {
    const [first = after + 1] = gaps;
    const isWhole = gaps.length === 0 && remote.tip - after === countAfter(remote, after);
    const packed = isWhole ? NO_TEXTS : await run(readPacks(store, { from: first, to: remote.tip }));
    const versions = [...gaps];
    // A number in a name is anybody's to give: before there is room for as many, each version has to be there.
    for (let version = after + 1; version <= remote.tip; version += 1) {
      if (!remote.entries.has(version) && !packed.has(version)) {
        const problem = 'the log entry is missing';
        return fail({ _tag: 'RemoteDamaged', store: store.url, key: entryKey(version), problem });
      }
      versions.push(version);
    }
    return run(
      sideBySide(versions, ENTRIES_AT_ONCE, (version) =>
        steps<RemoteError, FetchedEntry>(async (s) => {
          const key = entryKey(version);
          const inPack = packed.get(version);
          const gone = {
            _tag: 'RemoteDamaged',
            store: store.url,
            key,
            problem: 'the log entry is missing',
          } as const;
          if (inPack === undefined && !remote.entries.has(version)) return s.fail(gone);
          const text = inPack ?? (await s.run(store.get({ key }))).content;
          const problem = checksumProblem(text);
          if (problem !== null) return s.fail({ _tag: 'RemoteDamaged', store: store.url, key, problem });
          return { version, text, entry: await s.run(decodeRemoteEntry(store, version, text)) };
        }),
      ),
    );
  });

interface Target {
  readonly state: TableState;
}

/** The state that is to be fetched: the newest, or the one after a transaction. */
const targetOf = (
  { dataDir, store }: PullDeps,
  before: TableState | null,
  news: readonly FetchedEntry[],
  at: number | null,
): TaskEither<RemoteError, Target> =>
  steps<RemoteError, Target>(async ({ run }) => {
    const start = before ?? BEGINNING;
    if (at !== null) return { state: await run(wholeStateAt(store, before, news, at)) };
    const state = await run(
      attempt(async () => {
        const newest = replay(
          dataDir,
          start,
          news.map(({ entry }) => entry),
        );
        refuseUnknownFormat(dataDir, newest);
        return newest;
      }),
    );
    return { state };
  });

const NO_TEXTS: ReadonlyMap<number, Uint8Array> = new Map();

const countAfter = ({ entries }: RemoteLog, after: number): number => {
  let count = 0;
  for (const version of entries.keys()) if (version > after) count += 1;
  return count;
};
