import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import type { Registry } from '../../factories/registry/registry.js';
import { describeAnyError } from '../describe-any-error.js';
import type { PondError } from '../errors.js';
import { readerOf } from '../pond/filesystems.js';
import { nodeLoaderOf, registryOfState } from '../pond/known-factories.js';
import { layout, type Pond } from '../pond/pond.js';
import { type Stopwatch, startStopwatch } from '../pond/stopwatch.js';
import type { ReadOptions, ReadTransaction } from '../steward.js';
import { beginRecord } from './begin-record.js';
import { runBody } from './run-body.js';

/**
 * A read transaction: one snapshot, with a `begin` and an end in the control table, neither of them fsynced. Where the
 * control table may not be written, a read leaves no record.
 */
export const readTransaction =
  (pond: Pond) =>
  <E, A>(
    body: (transaction: RegisteredRead) => TE.TaskEither<E, A>,
    options: ReadOptions = {},
  ): TE.TaskEither<PondError | E, A> =>
    pipe(
      beginRead(pond, options),
      TE.flatMap((transaction) =>
        pipe(
          runBody(() => body(transaction)),
          TE.tap(() =>
            recording(pond, () => pond.control.recordCompleted(transaction.txnId, transaction.ended())),
          ),
          TE.orElse((error) =>
            pipe(
              recording(pond, () =>
                pond.control.recordFailed(transaction.txnId, {
                  ...transaction.ended(),
                  errorMessage: pond.redact(describeAnyError(error)),
                }),
              ),
              TE.flatMap(() => TE.left<PondError | E, A>(error)),
            ),
          ),
        ),
      ),
    );

const recording = (
  { control }: Pond,
  record: () => TE.TaskEither<PondError, void>,
): TE.TaskEither<PondError, void> => (control.readOnly === null ? record() : TE.right(undefined));

/** What the steward's own bodies are given: its registry, which can also run factories. */
type RegisteredRead = Omit<ReadTransaction, 'factories'> & { readonly factories: Task<Registry> };

interface BegunRead extends RegisteredRead {
  readonly ended: Stopwatch['ended'];
}

const beginRead = (pond: Pond, options: ReadOptions): TE.TaskEither<PondError, BegunRead> => {
  const { clock, ids } = pond.ports;
  const stopwatch = startStopwatch(clock);
  const txnId = ids.uuidV7();
  return steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot(options.at));
    const { txnSeq } = view;
    const identity = { txnSeq, txnId, timestamp: stopwatch.startedAt };
    await run(recording(pond, () => pond.control.recordBegin(beginRecord(pond, 'read', identity, txnSeq))));
    const registry = once(registryOfState(pond, view));
    return {
      txnSeq,
      txnId,
      fs: readerOf(view, nodeLoaderOf(pond, registry)),
      factories: registry,
      signal: options.signal ?? new AbortController().signal,
      withWorkspace: (use) => pond.ports.workspaces.use(layout(pond.directory).queries, use),
      ended: stopwatch.ended,
    };
  });
};
