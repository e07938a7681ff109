import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isOfFullDisk } from '../../control/describe-control-error.js';
import type { BeginRecord } from '../../control/records/commit-record.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import type { Registry } from '../../factories/registry/registry.js';
import { SERVER_NOT_GRANTED, SERVER_READ_ONLY, SERVER_TRY_AGAIN } from '../../ports/sql-server.js';
import { describeAnyError } from '../describe-any-error.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { readerOf, seriesFormatOf } from '../pond/factories/filesystems.js';
import { nodeLoaderOf, registryOfState } from '../pond/factories/known-factories.js';
import { layout, type Pond } from '../pond/pond.js';
import { type Stopwatch, startStopwatch } from '../pond/stopwatch.js';
import type { ReadOptions, ReadTransaction } from '../shapes/transactions.js';
import { beginRecord, type RunAbout } from './begin-record.js';
import { runBody } from './run-body.js';

/**
 * A read transaction: one snapshot, with a `begin` and an end in the control table, neither of them fsynced. Where the
 * control table may not be written, a read leaves no record.
 */
export const readTransaction =
  (pond: Pond) =>
  <E, A>(
    body: (transaction: RegisteredRead) => TE.TaskEither<E, A>,
    options: RecordedReadOptions = {},
  ): TE.TaskEither<PondError | E, A> =>
    pipe(
      beginRead(pond, options),
      TE.flatMap((transaction) =>
        pipe(
          runBody(() => body(transaction)),
          TE.tap(() =>
            recordingEnd(pond, transaction, ({ control }) =>
              control.recordCompleted(transaction.txnId, transaction.ended()),
            ),
          ),
          TE.orElse((error) =>
            pipe(
              recordingEnd(pond, transaction, ({ control }) =>
                control.recordFailed(transaction.txnId, {
                  ...transaction.ended(),
                  errorMessage: pond.redact(describeAnyError(error, options.describe)),
                }),
              ),
              TE.flatMap(() => TE.left<PondError | E, A>(error)),
            ),
          ),
        ),
      ),
    );

/**
 * Records the beginning of a read, if that can be done: where the control table may not be written, another process
 * keeps it for a while, or the disk is full, a read leaves no record, and is read all the same. Returns whether it is recorded.
 */
const recordingBegin = (pond: Pond, begin: BeginRecord): TE.TaskEither<PondError, boolean> =>
  pond.control.readOnly !== null
    ? TE.right(false)
    : pipe(
        pond.control.recordBegin(begin),
        TE.map(() => true),
        TE.orElse((error) => {
          if (mayNotRecord(error)) return TE.right(false);
          return isPassing(error) ? TE.right(notRecorded(pond, error)) : TE.left(error);
        }),
      );

/** The end of what began with a record. What was read was read, whatever becomes of this: recovery closes what is open. */
const recordingEnd = (
  pond: Pond,
  { isRecorded }: Pick<BegunRead, 'isRecorded'>,
  record: (pond: Pond) => TE.TaskEither<PondError, void>,
): TE.TaskEither<PondError, void> =>
  isRecorded
    ? pipe(
        record(pond),
        TE.orElse((error) => (isPassing(error) ? TE.right(void notRecorded(pond, error)) : TE.left(error))),
      )
    : TE.right(undefined);

/** A server takes no records now, or none of this user's. */
const mayNotRecord = (error: PondError): boolean =>
  error._tag === 'ControlFailed' && (error.code === SERVER_READ_ONLY || error.code === SERVER_NOT_GRANTED);

/** Somebody keeps the control table for a while, its disk is full, or its server cannot be reached. */
const isPassing = (error: PondError): boolean =>
  error._tag === 'ControlFailed' &&
  (error.code.startsWith('SQLITE_BUSY') || error.code === SERVER_TRY_AGAIN || isOfFullDisk(error.code));

const notRecorded = (pond: Pond, error: PondError): false => {
  pond.ports.logger.log('warn', 'read_not_recorded', { error: describeError(error) });
  return false;
};

/** Context of the steward's own bodies: its registry, which can also run factories. */
type RegisteredRead = Omit<ReadTransaction, 'factories'> & { readonly factories: Task<Registry> };

/** Options by which a read is made and recorded. */
export interface RecordedReadOptions extends ReadOptions {
  /** Factory that is run by hand in it. */
  readonly about?: RunAbout;
}

interface BegunRead extends RegisteredRead {
  readonly ended: Stopwatch['ended'];
  /** Tells whether its beginning is in the control table. */
  readonly isRecorded: boolean;
}

/** Refuses the number of a commit that is not in the table any more: nothing is known of its state. */
const refuseGone = ({ tlog }: Pond, txnSeq: number): TE.TaskEither<PondError, void> =>
  pipe(
    tlog.commitOf(txnSeq),
    TE.map(() => undefined),
    TE.orElse((error) => (error._tag === 'CommitGone' ? TE.left(error) : TE.right(undefined))),
  );

const beginRead = (pond: Pond, options: RecordedReadOptions): TE.TaskEither<PondError, BegunRead> => {
  const { clock, ids } = pond.ports;
  const stopwatch = startStopwatch(clock);
  const txnId = ids.uuidV7();
  return steps(async ({ run }) => {
    if (options.at !== undefined) await run(refuseGone(pond, options.at));
    const view = await run(pond.tlog.snapshot(options.at));
    const { txnSeq } = view;
    const identity = { txnSeq, txnId, timestamp: stopwatch.startedAt };
    const isRecorded = await run(
      recordingBegin(pond, beginRecord(pond, 'read', identity, txnSeq, null, options.about)),
    );
    const registry = once(registryOfState(pond, view));
    return {
      txnSeq,
      txnId,
      fs: readerOf(view, nodeLoaderOf(pond, registry), seriesFormatOf(pond)),
      factories: registry,
      signal: options.signal ?? new AbortController().signal,
      withWorkspace: (use) => pond.ports.workspaces.use(layout(pond.directory).queries, use),
      ended: stopwatch.ended,
      isRecorded,
    };
  });
};
