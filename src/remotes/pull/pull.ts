import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { attempt } from '../../tlogfs/failure.js';
import { refuseUnknownFormat } from '../../tlogfs/log/pond-format.js';
import { BEGINNING, replay, type TableState, txnSeqOf } from '../../tlogfs/log/table-state.js';
import { missingEntries } from '../entries-here.js';
import { type LocalLog, openLocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { compareLogs, openRemoteLog, type RemoteLog } from '../remote-log.js';
import { type FetchedCounts, fetchContents } from './fetch-contents.js';
import { publishFetched } from './publish-fetched.js';
import type { FetchedEntry, PullDeps } from './pulling.js';
import { fetchEntries, remoteBeginning } from './remote-history.js';
import { wholeStateAt } from './whole-state.js';

/** Result of a pull. */
export interface PullReport extends FetchedCounts {
  readonly pondId: string;
  /** The newest Delta version of the replica before; -1: it had none. */
  readonly from: number;
  /** Its newest Delta version now. */
  readonly version: number;
  /** Its newest transaction now. */
  readonly txnSeq: number;
  /** Log entries that were brought. */
  readonly entries: number;
}

/**
 * Brings what is new of a remote into a data directory that publishes nothing of its own: contents first, each with its
 * digest checked, then log entries. `at`: the state after that transaction, only where nothing is there yet, or what an
 * earlier pull as of that transaction has left.
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
    const remote = await run(openRemoteLog(store, Math.max(0, gaps[0] ?? from)));
    if (remote.tip < 0 && local === null) return fail({ _tag: 'NotARemote', store: store.url });
    if (local !== null) await run(refuseDiverged(store, remote, local));
    const fetched = await run(fetchEntries(store, remote, { after: from, gaps, maxBytes: deps.maxLogBytes }));
    const before = local?.state ?? null;
    const start = before ?? (await run(remoteBeginning(deps, remote, fetched)));
    const state = await run(targetOf(deps, start, fetched, at));
    const taken = fetched.filter(({ version }) => version <= state.version);
    const counts = await run(fetchContents(deps, before, state));
    await run(publishFetched(deps, before, state, taken));
    return {
      ...counts,
      pondId: state.metaData.id,
      from,
      version: state.version,
      txnSeq: txnSeqOf(state),
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

/** The state that is to be fetched: the newest, or the one after a transaction. `start`: the state to go on from. */
const targetOf = (
  { dataDir, store }: PullDeps,
  start: TableState | null,
  fetched: readonly FetchedEntry[],
  at: number | null,
): TaskEither<RemoteError, TableState> =>
  steps<RemoteError, TableState>(async ({ run }) => {
    const news = fetched.filter(({ version }) => version > (start?.version ?? -1));
    if (at !== null) return run(wholeStateAt(store, start, news, at));
    return run(
      attempt(async () => {
        const entries = news.map(({ entry }) => entry);
        const newest = replay(dataDir, start ?? BEGINNING, entries);
        refuseUnknownFormat(dataDir, newest);
        return newest;
      }),
    );
  });
