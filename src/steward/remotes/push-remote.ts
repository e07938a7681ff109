import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { withSpan } from '../../effects/with-span.js';
import type { Lock } from '../../ports/locks.js';
import type { TraceContext } from '../../ports/telemetry.js';
import { ATTRIBUTE, REMOTE_SPAN } from '../../ports/telemetry-names.js';
import { type Pruned, prune } from '../../remotes/prune.js';
import { type PushReport, push } from '../../remotes/push/push.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { addUsage, type Budget, NO_USAGE, type Usage } from '../../stores/usage.js';
import type { TLogError } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { layout, type Pond } from '../pond/pond.js';
import { refusalOfReplica, storePlaceOf } from '../pond/replica.js';
import type { PushedRemote, PushOptions } from '../remote-reports.js';
import { type NamedRemote, refuseUntrustedRemotes, remotesOf } from './remote-settings.js';
import {
  NEVER_PUSHED,
  type RemoteState,
  readRemoteState,
  stateName,
  writeRemoteState,
} from './remote-state.js';
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

const pushLocked = (
  pond: Pond,
  { name, settings }: NamedRemote,
  options: OnePush,
): TaskEither<PondError, PushedRemote> =>
  steps(async ({ run }) => {
    const { ports, directory } = pond;
    const place = storePlaceOf(settings);
    const { url } = place;
    const now = ports.clock.nowMicros();
    const day = new Date(now / 1000).toISOString().slice(0, 10);
    let state: RemoteState =
      (await run(TE.fromIOEither(readRemoteState(ports, directory, place)))) ?? NEVER_PUSHED(url);
    const { known } = state;
    if (options.covers !== undefined && known.txnSeq >= options.covers && !known.isUnfinished) {
      const nothing = { entries: 0, dataFiles: 0, blobs: 0, from: known.version };
      const report: PushReport = {
        how: 'up-to-date',
        version: known.version,
        txnSeq: known.txnSeq,
        ...nothing,
      };
      return { name, url, ...report, pruned: 0, usage: NO_USAGE };
    }
    const usedBefore: Usage = state.used.day === day ? state.used : NO_USAGE;
    const budget: Budget = {
      maxBytes: options.maxBytes ?? settings.max_bytes ?? null,
      maxRequests: options.maxRequests ?? settings.max_requests ?? null,
      usedBefore,
    };
    const save = (next: Partial<RemoteState>): TaskEither<TLogError, void> => {
      state = { ...state, ...next };
      return TE.fromIOEither(writeRemoteState(ports, directory, place, state));
    };
    /** Null: it did not succeed, and nobody had asked for it. The push has ended well, and the next one tries again. */
    const pruneOnce = (store: ReliableStore): TaskEither<PondError, Pruned | null> =>
      steps<PondError, Pruned | null>(async ({ fail }) => {
        const before = Math.floor(now / 1000) - RETENTION_MS;
        const pruned = await prune({ files: ports.files, dataDir: layout(directory).data, store, before })();
        if (!isLeft(pruned)) return pruned.right;
        if (options.prune === true) return fail(pruned.left);
        const problem = describeError(pruned.left);
        ports.logger.log('warn', 'remote_not_pruned', { remote: name, url, problem });
        return null;
      });
    const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId, [ATTRIBUTE.storeUrl]: url };
    const start = { name: REMOTE_SPAN.push, parent: options.trace, attributes };
    const signal = options.signal ?? new AbortController().signal;
    const { onUse, onStep } = transferReports(url, options);
    const outcome = await withSpan(ports.telemetry, start, async (span) => {
      const { logFields: _, context } = span;
      return useRemote(ports, place, { signal, trace: context, budget, onUse }, (store) =>
        steps<PondError, PushedRemote>(async (s) => {
          const used = () => ({ ...addUsage(usedBefore, store.usage()), day });
          try {
            const report = await s.run(
              push({
                files: ports.files,
                dataDir: layout(directory).data,
                store,
                known,
                onStep,
                save: (next) => save({ known: next, used: used() }),
                uniqueName: ports.ids.uuidV7,
                now: () => Math.floor(ports.clock.nowMicros() / 1000),
              }),
            );
            await s.run(save({ pushed_at: now, pruned_at: state.pruned_at ?? now, used: used() }));
            const isPruneDue = options.prune === true || now - (state.pruned_at ?? now) >= PRUNE_EVERY;
            const pruned = isPruneDue ? await s.run(pruneOnce(store)) : NOTHING_PRUNED;
            if (pruned !== null && isPruneDue) await s.run(save({ pruned_at: now, used: used() }));
            const { dataFiles, blobs } = pruned ?? NOTHING_PRUNED;
            return { name, url, ...report, pruned: dataFiles + blobs, usage: store.usage() };
          } catch (error) {
            // What was used counts, whatever became of it.
            await save({ used: used() })();
            throw error;
          } finally {
            const { requests, bytesSent, bytesReceived } = store.usage();
            span.set({
              [ATTRIBUTE.storeRequests]: requests,
              [ATTRIBUTE.storeBytesSent]: bytesSent,
              [ATTRIBUTE.storeBytesReceived]: bytesReceived,
            });
          }
        }),
      )();
    });
    return run(() => Promise.resolve(outcome));
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
