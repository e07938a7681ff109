import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { EXECUTION_MODES, type ExecutionMode } from '../../../domain/plans/execution-mode.js';
import { once } from '../../../effects/once.js';
import { steps } from '../../../effects/steps.js';
import type { WriterContext } from '../../../factories/factory.js';
import type { GatheredExecution } from '../../../factories/registry/registry.js';
import { reportKeeper } from '../../../factories/report-keeper.js';
import type { PondError } from '../../errors.js';
import { readerOf, seriesFormatOf } from '../../pond/factories/filesystems.js';
import { nodeLoaderOf, registryOfState } from '../../pond/factories/known-factories.js';
import { callerContext } from '../../pond/in-span.js';
import { refuseInsideTask } from '../../pond/inside/surroundings.js';
import type { Pond } from '../../pond/pond.js';
import { refusalOfReplica } from '../../pond/replica.js';
import type { ScheduledRun } from '../../pond/scheduled-run.js';
import { startStopwatch } from '../../pond/stopwatch.js';
import type { RunOutcome } from '../../shapes/call-reports.js';
import type { RunAbout } from '../begin-record.js';
import { readTransaction } from '../read-transaction.js';
import { recordRefused } from '../record-refused.js';
import { writeTransaction } from '../write-transaction.js';
import { type Executable, executableAt, refuseToRun } from './executable-by-hand.js';
import { common, execute, inOwnSpan, insideRun, surroundingsOfRun, withinItsTime } from './work-by-hand.js';

export interface RunByHandOptions {
  readonly args?: readonly string[];
  readonly mode?: ExecutionMode;
  readonly signal?: AbortSignal;
  /** Takes words for what a factory is doing that asks others before its transaction, such as a server; empty: it has ended. */
  readonly onProgress?: (words: string) => void;
}

/** Runs an executable factory by hand: as a writer inside a write transaction, or as a reader of the newest state. */
export const runByHand = (
  pond: Pond,
  path: string,
  options: RunByHandOptions,
): TE.TaskEither<PondError, RunOutcome> => {
  const stopwatch = startStopwatch(pond.ports.clock);
  return pipe(
    refuseInsideTask(pond, 'run'),
    TE.flatMap(() => lookAt(pond, path, options)),
    // What there is to be run is found out beside any transaction, so that one that does not come to it is recorded here.
    TE.orElse(
      (error): ReturnType<typeof lookAt> =>
        recordRefused<never>(
          pond,
          { transactionType: 'read', stopwatch, about: { factoryName: null, configPath: path } },
          error,
        ),
    ),
    TE.flatMap(
      ({ mode, about }): TE.TaskEither<PondError, RunOutcome> =>
        mode === 'InTransactionWriter'
          ? pipe(
              gatherFirst(pond, path, options),
              TE.orElse(
                (error): TE.TaskEither<PondError, GatheredFor | null> =>
                  recordRefused<never>(pond, { transactionType: 'write', stopwatch, about }, error),
              ),
              TE.flatMap((gathered) => runAsWriter(pond, path, { ...options, about }, gathered)),
            )
          : runAsReader(pond, path, { ...options, about }),
    ),
  );
};

/**
 * Runs a scheduled entry as a writer, in a write transaction that carries the firing. Where an attempt before it had already
 * committed when its process died, nothing is run: what a firing writes is written once.
 */
export const runScheduledWriter = (
  pond: Pond,
  path: string,
  scheduled: ScheduledRun,
): TE.TaskEither<PondError, void> => {
  const options = { signal: scheduled.signal, scheduled };
  return steps(async ({ run }) => {
    const gathered = await run(gatherFirst(pond, path, options));
    const { about } = await run(lookAt(pond, path, { mode: 'InTransactionWriter' }));
    await run(runAsWriter(pond, path, { ...options, about }, gathered));
  });
};

/** Tells whether a firing has committed already: an attempt whose process died before it could say so. */
const hasCommitted = (pond: Pond, { firing, since }: ScheduledRun): TE.TaskEither<PondError, boolean> =>
  pipe(
    pond.control.causedCommits(since),
    TE.map((commits) =>
      commits.some(({ causedBy }) =>
        causedBy.some((link) => link.pond_id === pond.tlog.pondId && link.firing === firing),
      ),
    ),
  );

/** Node that is to be run, and its mode: the one that is asked for, or else the one that the factory declares, as a writer when it declares both. */
const lookAt = (
  pond: Pond,
  path: string,
  { mode }: RunByHandOptions,
): TE.TaskEither<PondError, { readonly mode: ExecutionMode; readonly about: RunAbout }> =>
  steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot());
    const registry = once(registryOfState(pond, view));
    const executable = await run(
      executableAt(readerOf(view, nodeLoaderOf(pond, registry), seriesFormatOf(pond)), path),
    );
    const { factory } = executable;
    const isWriter = async () => (await registry()).supports(factory, 'InTransactionWriter');
    return {
      mode: mode ?? ((await isWriter()) ? 'InTransactionWriter' : 'PostCommitReader'),
      about: { factoryName: factory, configPath: executable.path },
    };
  });

interface RunOptions extends RunByHandOptions {
  readonly about: RunAbout;
  readonly scheduled?: ScheduledRun;
}

/** Contents that a writer has gathered, and the configuration that it did so for. */
interface GatheredFor {
  readonly executable: Executable;
  readonly gathered: GatheredExecution;
}

/**
 * Lets a factory take in what it needs from outside before the writer's lock is taken, at the newest commit: nobody waits for
 * a server that is slow. Null where the factory needs nothing.
 */
const gatherFirst = (
  pond: Pond,
  path: string,
  {
    args = [],
    signal = new AbortController().signal,
    onProgress = () => undefined,
    scheduled,
  }: Omit<RunOptions, 'about'>,
): TE.TaskEither<PondError, GatheredFor | null> =>
  steps<PondError, GatheredFor | null>(async ({ run, fail }) => {
    // A server is not asked for what could not be written.
    const replica = refusalOfReplica(pond);
    if (replica !== null) return fail(replica);
    const view = await run(pond.tlog.snapshot());
    const registry = once(registryOfState(pond, view));
    const fs = readerOf(view, nodeLoaderOf(pond, registry), seriesFormatOf(pond));
    const executable = await run(executableAt(fs, path));
    await run(refuseToRun(pond, executable, view.txnSeq));
    await run(surroundingsOfRun(pond, executable));
    const known = await registry();
    const { factory, config } = executable;
    const inSpanOfRun = inOwnSpan(
      pond,
      executable,
      scheduled?.parent ?? callerContext(pond.ports.host),
      'Gather',
    );
    const gathered = await run(
      inSpanOfRun((span) => {
        const { txnSeq } = view;
        // There is no transaction yet, and the run is another one than the last all the same.
        const txnId = pond.ports.ids.uuidV7();
        const about = { txnSeq, txnId, signal, args, span, fs, scheduled: scheduled ?? null };
        const context = { ...common(pond, executable, about), fs, progress: onProgress };
        return withinItsTime(pond, executable, signal, (until) =>
          known.gather(factory, config, { ...context, signal: until }),
        );
      }),
    );
    onProgress('');
    return gathered === null ? null : { executable, gathered };
  });

const runAsWriter = (
  pond: Pond,
  path: string,
  { args = [], signal, about, scheduled }: RunOptions,
  gathered: GatheredFor | null,
): TE.TaskEither<PondError, RunOutcome> => {
  const reports = reportKeeper(pond.ports.logger);
  let undone: readonly string[] = [];
  return pipe(
    writeTransaction(pond)(
      (transaction) =>
        steps<PondError, void>(async ({ run }) => {
          if (scheduled !== undefined && (await run(hasCommitted(pond, scheduled)))) return;
          const executable = await run(executableAt(transaction.fs, path));
          await run(refuseToRun(pond, executable, transaction.basedOnSeq));
          await run(refuseChanged(executable, gathered));
          const registry = await transaction.factories();
          const inSpanOfRun = inOwnSpan(pond, executable, transaction.trace);
          undone = await run(
            inSpanOfRun((span) => {
              const context: WriterContext = {
                ...EXECUTION_MODES.InTransactionWriter,
                ...common(pond, executable, { ...transaction, args, span, scheduled: scheduled ?? null }),
                mode: 'InTransactionWriter',
                report: scheduled?.report ?? reports.report,
                fs: transaction.fs,
              };
              return insideRun(
                pond,
                executable,
                { ...transaction, txnSeq: transaction.basedOnSeq, span },
                gathered === null
                  ? TE.map(() => [])(execute(pond, registry, executable, context))
                  : withinItsTime(pond, executable, context.signal, (until) =>
                      gathered.gathered.write({ ...context, signal: until }),
                    ),
              );
            }),
          );
        }),
      // What a factory writes is not what the user has written.
      { operation: 'run', approves: false, about, ...(signal === undefined ? {} : { signal }) },
    ),
    TE.map((outcome) => ({ mode: 'InTransactionWriter', outcome, report: reports.kept(), undone })),
  );
};

/** Refuses what was gathered for another configuration: it belongs to one, which somebody may have changed meanwhile. */
const refuseChanged = (
  { path, factory, config }: Executable,
  gathered: GatheredFor | null,
): TE.TaskEither<PondError, void> =>
  gathered === null ||
  (gathered.executable.factory === factory && Buffer.from(config).equals(gathered.executable.config))
    ? TE.right(undefined)
    : TE.left({
        _tag: 'FactoryFailed',
        path,
        factory,
        message: 'its configuration was changed while it was at work; nothing was written: run it again',
      });

const runAsReader = (
  pond: Pond,
  path: string,
  { args = [], signal, about }: RunOptions,
): TE.TaskEither<PondError, RunOutcome> =>
  readTransaction(pond)(
    (transaction) =>
      steps(async ({ run }) => {
        const executable = await run(executableAt(transaction.fs, path));
        await run(refuseToRun(pond, executable, transaction.txnSeq));
        const registry = await transaction.factories();
        const reports = reportKeeper(pond.ports.logger);
        const inSpanOfRun = inOwnSpan(pond, executable, callerContext(pond.ports.host));
        await run(
          inSpanOfRun((span) =>
            insideRun(
              pond,
              executable,
              { ...transaction, span },
              execute(pond, registry, executable, {
                ...EXECUTION_MODES.PostCommitReader,
                ...common(pond, executable, { ...transaction, args, span }),
                mode: 'PostCommitReader',
                report: reports.report,
                fs: transaction.fs,
              }),
            ),
          ),
        );
        return { mode: 'PostCommitReader', txnSeq: transaction.txnSeq, report: reports.kept() };
      }),
    { operation: 'run', about, ...(signal === undefined ? {} : { signal }) },
  );
