import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { attempt } from '../../tlogfs/failure.js';
import { BEGINNING, replay, txnSeqOf } from '../../tlogfs/log/table-state.js';
import { localLogOf, openLocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { BLOB_PREFIX, blobKey } from '../remote-keys.js';
import { compareLogs, openRemoteLog } from '../remote-log.js';
import { fetchDataFiles } from './fetch-contents.js';
import type { PullDeps } from './pulling.js';
import { fetchEntries, remoteBeginning } from './remote-history.js';

/** Result of comparing a remote with a pond. */
export interface Verification {
  /** `behind`: the remote lacks commits of the pond; `ahead`: it has more. */
  readonly relation: 'up-to-date' | 'behind' | 'ahead' | 'diverged';
  /** Commits by which the remote is behind (or ahead). */
  readonly commits: number;
  /** The newest transaction here, and there. */
  readonly localTxnSeq: number;
  readonly remoteTxnSeq: number;
  /** Content roots of the state that both have last, made of what lies here and of what lies there; null where there is none. */
  readonly localRoot: string | null;
  readonly remoteRoot: string | null;
  /** Blobs that the remote's newest version names and that are not there, or not with their size. */
  readonly missingBlobs: readonly string[];
}

/**
 * Compares a pond with a remote, whose log and rows are read from there, digests checked, into a directory that is thrown
 * away; contents outside of the rows are looked for by name and size. `scratch`: an empty directory.
 */
export const verify = (
  deps: PullDeps & { readonly scratch: string },
): TaskEither<RemoteError, Verification> =>
  steps<RemoteError, Verification>(async ({ run, fail }) => {
    const { files, dataDir, store, scratch } = deps;
    const local = await run(openLocalLog(files, dataDir));
    const remote = await run(openRemoteLog(store, 0));
    if (remote.tip < 0) return fail({ _tag: 'NotARemote', store: store.url });
    const relation = await run(compareLogs(store, remote, local, null));
    const there: PullDeps = { ...deps, dataDir: scratch };
    const fetched = await run(fetchEntries(store, remote, { after: -1, maxBytes: deps.maxLogBytes }));
    const start = (await run(remoteBeginning(there, remote, fetched))) ?? BEGINNING;
    const entries = fetched.flatMap(({ version, entry }) => (version > start.version ? [entry] : []));
    const state = await run(attempt(async () => replay(store.url, start, entries)));
    await run(fetchDataFiles(there, state));
    const theirs = localLogOf(files, scratch, state);
    const common = Math.min(txnSeqOf(state), txnSeqOf(local.state));
    const difference = txnSeqOf(local.state) - txnSeqOf(state);
    return {
      relation:
        relation._tag === 'Differs'
          ? 'diverged'
          : relation._tag === 'Same'
            ? 'up-to-date'
            : relation._tag === 'RemoteBehind'
              ? 'behind'
              : 'ahead',
      commits: Math.abs(difference),
      localTxnSeq: txnSeqOf(local.state),
      remoteTxnSeq: txnSeqOf(state),
      localRoot: await run(local.contentRoot(common)),
      remoteRoot: await run(theirs.contentRoot(common)),
      missingBlobs: await run(blobsMissing(store, await run(theirs.blobsOf(state.files.values())))),
    };
  });

const blobsMissing = (
  store: ReliableStore,
  blobs: readonly { readonly digest: string; readonly size: number }[],
): TaskEither<RemoteError, readonly string[]> =>
  steps<RemoteError, readonly string[]>(async ({ run }) => {
    if (blobs.length === 0) return [];
    const there = new Map(
      (await run(store.list({ prefix: BLOB_PREFIX }))).map(({ key, size }) => [key, size]),
    );
    return blobs.flatMap(({ digest, size }) => (there.get(blobKey(digest)) === size ? [] : [digest]));
  });
