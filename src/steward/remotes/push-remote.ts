import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { withSpan } from '../../effects/with-span.js';
import type { Lock } from '../../ports/locks.js';
import type { Span, TraceContext } from '../../ports/telemetry.js';
import { ATTRIBUTE, REMOTE_SPAN } from '../../ports/telemetry-names.js';
import { type Pruned, prune } from '../../remotes/prune.js';
import { type PushReport, push } from '../../remotes/push/push.js';
import type { KnownRemote, PushDeps } from '../../remotes/push/pushing.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { type Budget, NO_USAGE } from '../../stores/usage.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { layout, type Pond } from '../pond/pond.js';
import { readPondFile } from '../pond/pond-file.js';
import { refusalOfReplica, storePlaceOf } from '../pond/replica.js';
import type { PushedRemote, PushOptions } from '../shapes/remote-reports.js';
import { type RemoteAccount, remoteAccount } from './remote-account.js';
import { type NamedRemote, refuseUntrustedRemotes, remotesOf } from './remote-settings.js';
import { type RemoteState, stateName } from './remote-state.js';
import { transferReports } from './transfer-reports.js';
import { useRemote } from './use-remote.js';

/** Milliseconds for which what the newest version no longer names stays in a remote, for its readers: a week, as here. */
const RETENTION_MS = 7 * 86_400_000;
/** Microseconds between two looks for what a remote need not keep any more. */
const PRUNE_EVERY = 86_400_000_000;
const NOTHING_PRUNED: Pruned = { dataFiles: 0, blobs: 0 };
/** Milliseconds between two looks at a lock that another push holds. */
const PAUSE = 50;

/** Options of one push. */
export interface OnePush extends PushOptions {
  readonly trace: TraceContext | null;
  /** The transaction that is to be there afterwards: a remote that has it already is not asked. */
  readonly covers?: number;
}

/** Pushes to one remote of the settings, or to all of them, one after another. */
export const pushRemotes = (
  pond: Pond,
  name: string | null,
  options: PushOptions = {},
): TaskEither<PondError, readonly PushedRemote[]> =>
  steps(async ({ run }) => {
    const trace = callerContext(pond.ports.host);
    const pushed: PushedRemote[] = [];
    for (const remote of await run(mayPush(pond, name))) {
      pushed.push(await run(pushOne(pond, remote, { ...options, trace })));
    }
    return pushed;
  });

/** Pushes to one remote, as a task does. */
export const pushRemote = (pond: Pond, name: string, options: OnePush): TaskEither<PondError, PushedRemote> =>
  steps(async ({ run, fail }) => {
    const [remote] = await run(mayPush(pond, name));
    return remote === undefined
      ? fail({ _tag: 'NoSuchRemote', name, known: [] })
      : run(pushOne(pond, remote, options));
  });

const mayPush = (pond: Pond, name: string | null): TaskEither<PondError, readonly NamedRemote[]> =>
  steps(async ({ run, fail }) => {
    const replica = refusalOfReplica(pond);
    if (replica !== null) return fail(replica);
    const remotes = await run(remotesOf(pond, name));
    await run(refuseUntrustedRemotes(pond));
    return remotes;
  });

/** Two pushes of one pond to one remote follow one another: the second finds that there is nothing left to do. */
const pushOne = (pond: Pond, remote: NamedRemote, options: OnePush): TaskEither<PondError, PushedRemote> =>
  steps(async ({ run }) => {
    const lock = await run(pushLock(pond, remote, options.signal));
    try {
      return await run(pushLocked(pond, remote, options));
    } finally {
      lock.release();
    }
  });

const pushLocked = (pond: Pond, remote: NamedRemote, options: OnePush): TaskEither<PondError, PushedRemote> =>
  steps(async ({ run }) => {
    const { ports, directory } = pond;
    const { name, settings } = remote;
    const place = storePlaceOf(settings);
    const { url } = place;
    const now = ports.clock.nowMicros();
    const account = await run(remoteAccount(ports, directory, place, now));
    const { known } = account.state();
    if (options.covers !== undefined && known.txnSeq >= options.covers && !known.isUnfinished)
      return { name, url, ...nothingSent(known), pruned: 0, usage: NO_USAGE };
    const budget: Budget = {
      maxBytes: options.maxBytes ?? settings.max_bytes ?? null,
      maxRequests: options.maxRequests ?? settings.max_requests ?? null,
      usedBefore: account.usedBefore,
    };
    const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId, [ATTRIBUTE.storeUrl]: url };
    const start = { name: REMOTE_SPAN.push, parent: options.trace, attributes };
    const signal = options.signal ?? new AbortController().signal;
    const { onUse, onStep } = transferReports(url, options);
    const outcome = await withSpan(ports.telemetry, start, async (span) => {
      const { logFields: _, context } = span;
      return useRemote(ports, place, { signal, trace: context, budget, onUse }, (store) =>
        sendAndPrune(
          { pond, name, url, now, account, span, onStep, wantsPruning: options.prune === true },
          store,
        ),
      )();
    });
    return run(() => Promise.resolve(outcome));
  });

const nothingSent = ({ version, txnSeq }: KnownRemote): PushReport => ({
  how: 'up-to-date',
  version,
  txnSeq,
  entries: 0,
  dataFiles: 0,
  blobs: 0,
  from: version,
});

/** Refuses a store that has a pond of its own: that takes writes itself, under its lock, and no history from elsewhere. */
const refusePond = (url: string, store: ReliableStore): TaskEither<PondError, void> =>
  steps(async ({ run, fail }) => {
    if ((await run(readPondFile(store))) === null) return;
    return fail({
      _tag: 'InvalidPlace',
      url,
      problem: 'a pond lies there that takes writes itself; name a place for the remote alone',
    });
  });

/** One push under way. */
interface PushUnderWay extends Pick<PushDeps, 'onStep'> {
  readonly pond: Pond;
  readonly name: string;
  readonly url: string;
  /** Microseconds since the epoch. */
  readonly now: number;
  readonly account: RemoteAccount;
  readonly span: Pick<Span, 'set'>;
  /** Somebody has asked for removing what the remote need not keep. */
  readonly wantsPruning: boolean;
}

const sendAndPrune = (underWay: PushUnderWay, store: ReliableStore): TaskEither<PondError, PushedRemote> =>
  steps(async ({ run }) => {
    const { pond, name, url, now, account, span, onStep } = underWay;
    const { clock, files, ids } = pond.ports;
    const { known } = account.state();
    if (!known.isProbed) await run(refusePond(url, store));
    const save = (next: Partial<RemoteState>) => account.save(next, store.usage());
    try {
      const report = await run(
        push({
          files,
          dataDir: layout(pond.directory).data,
          store,
          known,
          onStep,
          save: (known) => save({ known }),
          uniqueName: ids.uuidV7,
          now: () => Math.floor(clock.nowMicros() / 1000),
        }),
      );
      await run(save({ pushed_at: now, pruned_at: account.state().pruned_at ?? now }));
      const { dataFiles, blobs } = await run(pruneWhereDue(underWay, store));
      return { name, url, ...report, pruned: dataFiles + blobs, usage: store.usage() };
    } catch (error) {
      // What was used counts, whatever became of it.
      await save({})();
      throw error;
    } finally {
      const { requests, bytesSent, bytesReceived } = store.usage();
      span.set({
        [ATTRIBUTE.storeRequests]: requests,
        [ATTRIBUTE.storeBytesSent]: bytesSent,
        [ATTRIBUTE.storeBytesReceived]: bytesReceived,
      });
    }
  });

/** Removes what the remote need not keep. Where nobody has asked for it and it fails, the push has ended well, and the next one tries again. */
const pruneWhereDue = (
  { pond, name, url, now, account, wantsPruning }: PushUnderWay,
  store: ReliableStore,
): TaskEither<PondError, Pruned> =>
  steps(async ({ run, fail }) => {
    if (!wantsPruning && now - (account.state().pruned_at ?? now) < PRUNE_EVERY) return NOTHING_PRUNED;
    const { files, logger } = pond.ports;
    const before = Math.floor(now / 1000) - RETENTION_MS;
    const pruned = await prune({ files, dataDir: layout(pond.directory).data, store, before })();
    if (isLeft(pruned)) {
      if (wantsPruning) return fail(pruned.left);
      const problem = describeError(pruned.left);
      logger.log('warn', 'remote_not_pruned', { remote: name, url, problem });
      return NOTHING_PRUNED;
    }
    await run(account.save({ pruned_at: now }, store.usage()));
    return pruned.right;
  });

const pushLock = (
  { ports, directory, options }: Pond,
  { settings }: NamedRemote,
  signal: AbortSignal | undefined,
): TaskEither<PondError, Lock> =>
  steps(async ({ fail, take }) => {
    const { clock, locks } = ports;
    const path = `${layout(directory).remotes}/${stateName(storePlaceOf(settings))}.lock`;
    const begun = clock.monotonicMs();
    for (;;) {
      const lock = locks.tryAcquire(path)();
      if (isLeft(lock)) return fail(lock.left.unsafe ?? lock.left);
      const held = take(lock);
      if (held !== null) return held;
      const waitedMs = Math.round(clock.monotonicMs() - begun);
      if (waitedMs >= options.lockTimeoutMs)
        return fail({ _tag: 'PondLocked', path, waitedMs, holder: null });
      await clock.sleep(PAUSE, signal);
      if (signal?.aborted === true) return fail({ _tag: 'Interrupted', call: 'push' });
    }
  });
