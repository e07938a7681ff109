import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { probeStore } from '../../stores/probe.js';
import { txnSeqOf } from '../../tlogfs/log/table-state.js';
import { isGone, openLocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { entryKey } from '../remote-keys.js';
import { compareLogs, openRemoteLog, type Relation } from '../remote-log.js';
import { publishCheckpoint } from './publish-checkpoint.js';
import { isJumpOf } from './publish-remote-entry.js';
import { jumpTo } from './push-jump.js';
import { pushStepwise } from './push-stepwise.js';
import { type KnownRemote, type PushDeps, type Pushing, UNKNOWN_REMOTE } from './pushing.js';
import { sendContents } from './send-contents.js';

/** Result of a push. */
export interface PushReport {
  /** `jumped`: the newest version was sent without those before it, whose files are gone here. */
  readonly how: 'up-to-date' | 'continued' | 'jumped';
  /** The newest Delta version of the remote before; -1: it had none. */
  readonly from: number;
  /** Its newest Delta version now. */
  readonly version: number;
  /** Its newest transaction now. */
  readonly txnSeq: number;
  /** Versions that the remote is further than before; of a jump, those between are not sent one by one. */
  readonly entries: number;
  /** Data files that were sent. */
  readonly dataFiles: number;
  /** Contents that are files of their own, and were sent. */
  readonly blobs: number;
}

/** Times that a push begins again because files were merged away, or another pusher of the same log went on. */
const TRIES = 3;

/**
 * Sends what a remote lacks, in this order: blobs, data files, then log entries one after another, each on condition that
 * there is none of its version. So whatever a crash leaves, the remote's newest version names only what is there, and
 * repeating the push sends what is missing. A remote whose log this one does not continue is left as it is.
 */
export const push = (deps: PushDeps): TaskEither<RemoteError, PushReport> =>
  steps(async ({ take, fail }) => {
    let { known } = deps;
    const save = (next: KnownRemote): TaskEither<RemoteError, void> => {
      known = next;
      return deps.save(next);
    };
    for (let tries = 1; ; tries += 1) {
      const pushed = await pushOnce({ ...deps, known, save })();
      const isLast = tries >= TRIES;
      // Files are merged away and removed by who maintains the pond meanwhile: the newest version has what they had.
      if (isLeft(pushed) && (isLast || !isGone(pushed.left))) return take(pushed);
      if (!isLeft(pushed) && pushed.right !== null) return pushed.right;
      if (isLast) {
        const message = 'another push of this pond goes on there';
        return fail({
          _tag: 'StoreFailed',
          store: deps.store.url,
          call: 'put',
          key: entryKey(known.version + 1),
          code: 'BUSY',
          message,
          isTransient: true,
          retryAfterMs: null,
        });
      }
    }
  });

/** Null: another pusher of this log has gone on meanwhile, and it is to be looked again what is missing. */
const pushOnce = (deps: PushDeps): TaskEither<RemoteError, PushReport | null> =>
  steps(async ({ run, fail }) => {
    const { store, known } = deps;
    const local = await run(openLocalLog(deps.files, deps.dataDir));
    const { version } = local.state;
    const seen = known.version < 0 ? null : { version: known.version, etag: known.etag };
    const remote = await run(openRemoteLog(store, known.version, seen));
    // Nothing from there on: all of it is gone, or less is there than was seen.
    const whole =
      remote.tip < 0 && remote.jump === null && known.version > 0
        ? await run(openRemoteLog(store, 0, seen))
        : remote;
    const { tip, jump } = whole;
    const relation = await run(compareLogs(store, whole, local, seen));
    const refusal = refusalOf(relation, store.url, version, tip);
    if (refusal !== null) return fail(refusal);
    if (jump !== null && !(await run(isJumpOf(local, jump)))) {
      return fail({ _tag: 'Diverged', store: store.url, version: jump.version, how: 'differs' });
    }
    if (!known.isProbed) await run(probeStore(store, deps.uniqueName()));
    /** Something that a push sent may be there that is not known here. */
    const wasUnfinished = known.isUnfinished || tip < known.version;
    const begun: KnownRemote = {
      ...(tip < known.version ? UNKNOWN_REMOTE : known),
      isProbed: true,
      isUnfinished: wasUnfinished || tip < version,
    };
    const contents = sendContents({ store, local, tip, isUnfinished: wasUnfinished, now: deps.now });
    const pushing: Pushing = { ...deps, local, tip, known: begun, contents };
    if (tip === version) {
      const etag = whole.entries.get(tip)?.etag ?? '';
      const ended = await run(
        publishCheckpoint(pushing, { ...begun, version, etag, txnSeq: txnSeqOf(local.state) }),
      );
      await run(deps.save({ ...ended, isUnfinished: false }));
      return reportOf(pushing, 'up-to-date', 0);
    }
    await run(deps.save(begun));
    const stepped = jump === null ? await run(pushStepwise(pushing)) : { known: begun, tip };
    const isThere = stepped.tip === version;
    const published = isThere ? stepped.known : await run(jumpTo({ ...pushing, ...stepped }));
    if (published === null) return null;
    const ended = await run(publishCheckpoint(pushing, published));
    await run(deps.save({ ...ended, isUnfinished: false }));
    return reportOf(pushing, isThere ? 'continued' : 'jumped', version - tip);
  });

const reportOf = (
  { local, tip, contents }: Pushing,
  how: PushReport['how'],
  entries: number,
): PushReport => ({
  how,
  from: tip,
  version: local.state.version,
  txnSeq: txnSeqOf(local.state),
  entries,
  ...contents.sent(),
});

const refusalOf = (
  relation: Relation,
  store: string,
  version: number,
  tip: number,
): Extract<RemoteError, { readonly _tag: 'Diverged' }> | null => {
  if (relation._tag === 'Differs')
    return { _tag: 'Diverged', store, version: relation.version, how: 'differs' };
  if (relation._tag === 'RemoteAhead') return { _tag: 'Diverged', store, version, how: 'ahead' };
  return relation.isProven ? null : { _tag: 'Diverged', store, version: tip, how: 'unknown' };
};
