import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import { probeStore } from '../stores/probe.js';
import { txnSeqOf } from '../tlogfs/log/table-state.js';
import { isGone, openLocalLog } from './local-log.js';
import { publishCheckpoint } from './publish-checkpoint.js';
import { jumpTo } from './push-jump.js';
import { pushStepwise } from './push-stepwise.js';
import { type KnownRemote, type PushDeps, type Pushing, UNKNOWN_REMOTE } from './pushing.js';
import type { RemoteError } from './remote-error.js';
import { compareLogs, listRemoteLog, type Relation } from './remote-log.js';
import { sendContents } from './send-contents.js';

/** Result of a push. */
export interface PushReport {
  /** `jumped`: the newest version was sent without those before it, whose files are gone here. */
  readonly how: 'up-to-date' | 'continued' | 'jumped';
  /** The remote's newest version and transaction before and after. */
  readonly from: number;
  readonly version: number;
  readonly txnSeq: number;
  readonly entries: number;
  readonly dataFiles: number;
  readonly blobs: number;
}

/**
 * Sends what a remote lacks, in this order: blobs, data files, then log entries one after another, each on condition that
 * there is none of its version. So whatever a crash leaves, the remote's newest version names only what is there, and
 * repeating the push sends what is missing. A remote whose log this one does not continue is left as it is.
 */
export const push = (deps: PushDeps): TaskEither<RemoteError, PushReport> =>
  steps(async ({ run, fail }) => {
    const first = await pushOnce(deps)();
    if (!isLeft(first)) return first.right;
    // Files are merged away and removed by who maintains the pond meanwhile: the newest version has what they had.
    return isGone(first.left) ? run(pushOnce(deps)) : fail(first.left);
  });

const pushOnce = (deps: PushDeps): TaskEither<RemoteError, PushReport> =>
  steps(async ({ run, fail }) => {
    const { store, known } = deps;
    const local = await run(openLocalLog(deps.files, deps.dataDir));
    const { version } = local.state;
    const remote = await run(listRemoteLog(store, known.version));
    // Nothing from there on: all of it is gone, or less is there than was seen.
    const whole = remote.tip < 0 && known.version > 0 ? await run(listRemoteLog(store, 0)) : remote;
    const seen = known.version < 0 ? null : { version: known.version, etag: known.etag };
    const relation = await run(compareLogs(store, whole, local, seen));
    const { tip } = whole;
    const refusal = refusalOf(relation, store.url, version);
    if (refusal !== null) return fail(refusal);
    if (!known.isProbed) await run(probeStore(store, deps.uniqueName()));
    /** Something that a push sent may be there that is not known here. */
    const wasUnfinished = known.isUnfinished || tip < known.version;
    const begun: KnownRemote = {
      ...(tip < known.version ? UNKNOWN_REMOTE : known),
      isProbed: true,
      isUnfinished: wasUnfinished || tip < version,
    };
    const pushing: Pushing = {
      ...deps,
      local,
      tip,
      known: begun,
      contents: sendContents(store, local, wasUnfinished),
    };
    if (tip === version) {
      const etag = whole.entries.get(tip)?.etag ?? '';
      const ended = await run(
        publishCheckpoint(pushing, { ...begun, version, etag, txnSeq: txnSeqOf(local.state) }),
      );
      await run(deps.save({ ...ended, isUnfinished: false }));
      return reportOf(pushing, 'up-to-date', 0);
    }
    await run(deps.save(begun));
    const stepped = await run(pushStepwise(pushing));
    const published = stepped ?? (await run(jumpTo(pushing)));
    const ended = await run(publishCheckpoint(pushing, published));
    await run(deps.save({ ...ended, isUnfinished: false }));
    return reportOf(pushing, stepped === null ? 'jumped' : 'continued', version - tip);
  });

const reportOf = (
  { local, tip, contents }: Pushing,
  how: PushReport['how'],
  entries: number,
): PushReport => ({
  ...{ how, from: tip, version: local.state.version, txnSeq: txnSeqOf(local.state), entries },
  ...contents.sent(),
});

const refusalOf = (
  relation: Relation,
  store: string,
  version: number,
): Extract<RemoteError, { readonly _tag: 'Diverged' }> | null => {
  if (relation._tag === 'Differs')
    return { _tag: 'Diverged', store, version: relation.version, how: 'differs' };
  return relation._tag === 'RemoteAhead' ? { _tag: 'Diverged', store, version, how: 'ahead' } : null;
};
