import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import type { Registry } from '../../factories/registry/registry.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import type { Head, Intention, TLogWriter, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeAnyError } from '../describe-any-error.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { seriesFormatOf, writerOf } from '../pond/factories/filesystems.js';
import { nodeLoaderOf, registryOfState } from '../pond/factories/known-factories.js';
import type { Surroundings } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import { type Stopwatch, startStopwatch } from '../pond/stopwatch.js';
import type { WriteTransactionOptions } from '../shapes/transactions.js';
import type { Verdict } from '../trust/pond-trust.js';
import { beginRecord, type RunAbout } from './begin-record.js';

/** Options by which a write is made. */
export interface WriteOptions extends WriteTransactionOptions {
  /** Tells whether what it changes of the configuration counts as the user's own doing. Default true. */
  readonly approves?: boolean;
  /** Factory that is run by hand in it. */
  readonly about?: RunAbout;
}

/** A write transaction under way. */
export interface Transaction {
  readonly pond: Pond;
  readonly span: Span;
  /** Chain that it is made inside of. */
  readonly around: Surroundings;
  readonly signal: AbortSignal;
  readonly suppressed: Suppression | null;
  readonly identity: TransactionIdentity;
  readonly ended: Stopwatch['ended'];
  readonly baseVersion: number;
  readonly persistence: TLogWriter;
  readonly registry: T.Task<Registry>;
  readonly fs: PondWriter;
  /** Permission of this user to run what is in the state that it is based on. */
  readonly trusted: Verdict;
  /** Tells whether the user makes the commit, who approves with it what it changes. */
  readonly approves: boolean;
  readonly about: WriteOptions['about'];
  readonly describe: WriteOptions['describe'];
  readonly asksGates: boolean;
  /** Tells whether its tasks are run before it ends; null: as the settings say. */
  readonly tasks: 'wait' | 'background' | null;
}

/**
 * Judges, under the lock and before anything happens: what might run before or after the commit must be approved, or kept
 * from it. What a derived commit sets off is run by whoever runs the task inside which it is made, if that user may; its
 * gates are asked here.
 */
export const judgeBase = (
  pond: Pond,
  suppressed: Suppression | null,
  { task }: Surroundings,
  asksGates: boolean,
): TE.TaskEither<PondError, Verdict> =>
  steps(async ({ run, fail }) => {
    const verdict = await run(pond.trust.judge(await run(pond.tlog.snapshot())));
    if (verdict._tag === 'Trusted' || !verdict.mightRun) return verdict;
    const isKept = (suppressed !== null || task !== null) && !(asksGates && verdict.mightRefuse);
    return isKept ? verdict : fail(verdict.refusal);
  });

/** Step 1. A number that a commit was ever recorded under is not given out again, also where that commit has gone. */
export const begin = (
  given: Pick<
    Transaction,
    | 'pond'
    | 'span'
    | 'around'
    | 'signal'
    | 'suppressed'
    | 'trusted'
    | 'approves'
    | 'asksGates'
    | 'tasks'
    | 'about'
    | 'describe'
  > & {
    /** Is told as soon as there is a record of the transaction. */
    readonly onBegin?: (() => void) | undefined;
  },
  { head, highestSeq }: { readonly head: Head; readonly highestSeq: number },
): TE.TaskEither<PondError, Transaction> =>
  steps(async (s) => {
    const { onBegin, ...rest } = given;
    const { pond, span, around, about } = rest;
    // A log from somebody else may say any number.
    if (!Number.isSafeInteger(highestSeq + 1))
      return s.fail({
        _tag: 'CorruptData',
        path: pond.directory,
        problem: `its last transaction has the number ${highestSeq}, and there is none after it`,
      });
    const { startedAt, ended } = startStopwatch(pond.ports.clock);
    const identity = { txnSeq: highestSeq + 1, txnId: pond.ports.ids.uuidV7(), timestamp: startedAt };
    span.set({ [ATTRIBUTE.txnSeq]: identity.txnSeq });
    const { traceParent } = span.context;
    const causedBy = around.chain.length === 0 ? null : around.chain;
    const { environment: usual, ...record } = beginRecord(
      pond,
      'write',
      identity,
      head.txnSeq,
      traceParent,
      about,
    );
    const environment = given.asksGates ? usual : { ...usual, gates: 'skipped' };
    const intention = pond.shared === null ? undefined : intentionOf(pond, identity.txnId, head.version + 1);
    const intendedVersion = intention?.version ?? null;
    await s.run(pond.control.recordBegin({ causedBy, environment, intendedVersion, ...record }));
    onBegin?.();
    const persistence = await s.run(
      pipe(
        pond.tlog.beginWrite(identity, intention),
        TE.orElseW((error) => recordFailure({ ...rest, identity, ended }, error)),
      ),
    );
    const registry = once(registryOfState(pond, persistence.base));
    const fs = writerOf(
      persistence,
      identity,
      pond.ports.ids,
      nodeLoaderOf(pond, registry),
      seriesFormatOf(pond),
    );
    return { identity, ended, baseVersion: head.version, persistence, registry, fs, ...rest };
  });

/** Records why a transaction has failed; the first error is the one that is returned. */
export const recordFailure = <E>(
  { pond, identity, ended, describe }: Pick<Transaction, 'pond' | 'identity' | 'ended' | 'describe'>,
  error: PondError | E,
): TE.TaskEither<PondError | E, never> =>
  pipe(
    pond.control.recordFailed(identity.txnId, {
      ...ended(),
      errorMessage: pond.redact(describeAnyError(error, describe)),
    }),
    TE.match(
      (second) => pond.ports.logger.log('error', 'failure_not_recorded', { error: describeError(second) }),
      () => undefined,
    ),
    TE.fromTask,
    TE.flatMap(() => TE.left(error)),
  );

/** The note of the version that a write in a store is to become: in `begin`, and where others came between in records of its own. */
const intentionOf = ({ control, ports, writerLock }: Pond, txnId: string, version: number): Intention => ({
  version,
  move: (to) =>
    pipe(
      control.recordIntended(txnId, { timestamp: ports.clock.nowMicros(), version: to }),
      TE.mapLeft((error) => ({
        _tag: 'StorageFailed',
        path: writerLock.name,
        call: 'record',
        code: describeError(error),
      })),
    ),
});
