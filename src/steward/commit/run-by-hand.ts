import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import { printDuration } from '../../domain/duration.js';
import { parentOf } from '../../domain/paths/pond-path.js';
import { EXECUTION_MODES, type ExecutionMode } from '../../domain/plans/execution-mode.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import { operationSpan } from '../../executor/execution-telemetry.js';
import { runWithDeadline } from '../../executor/independent/run-with-deadline.js';
import type { FactoryContext, WriterContext } from '../../factories/factory.js';
import { factorySpan } from '../../factories/factory-span.js';
import type { GatheredExecution, Registry } from '../../factories/registry/registry.js';
import { reportKeeper } from '../../factories/report-keeper.js';
import { GATE_DIRECTORY, SYSTEM_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import { GATE_TIMEOUT } from '../../planner/plan-gates.js';
import type { Span, TraceContext } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { PondReader, PondWriter } from '../../tinyfs/tinyfs.js';
import { SYSTEM_DIRECTORIES } from '../../trust/system-directories.js';
import { type DiscoverableFs, defaultTimeout, readDiscovered } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import { readerOf, seriesFormatOf } from '../pond/filesystems.js';
import { callerContext, inSpan } from '../pond/in-span.js';
import { nodeLoaderOf, registryOfState } from '../pond/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { queryForFactory } from '../pond/query-pond.js';
import { startStopwatch } from '../pond/stopwatch.js';
import { refuseInsideTask, surroundingsOf } from '../pond/surroundings.js';
import { type EntryAtWork, withinEntry } from '../pond/within-entry.js';
import type { RunOutcome } from '../steward.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import type { RunAbout } from './begin-record.js';
import { readTransaction } from './read-transaction.js';
import { recordRefused } from './record-refused.js';
import { writeTransaction } from './write-transaction.js';

export interface RunByHandOptions {
  readonly args?: readonly string[];
  readonly mode?: ExecutionMode;
  readonly signal?: AbortSignal;
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
}

interface Executable {
  readonly path: FactoryContext['path'];
  readonly nodeId: string | null;
  readonly factory: string;
  readonly config: Uint8Array;
  /** Milliseconds that the envelope allows; null: as long as it takes. */
  readonly timeoutMs: number | null;
}

const executableAt = (
  fs: DiscoverableFs & Pick<PondReader, 'stat'>,
  path: string,
): TE.TaskEither<PondError, Executable> =>
  steps(async ({ run, fail }) => {
    const entry = await run(fs.stat(path));
    const discovered = await readDiscovered(fs, entry.path)();
    const reading = readEntry(discovered);
    if (reading._tag === 'Invalid') {
      return fail({ _tag: 'EntryRejected', path: entry.path, errors: reading.errors });
    }
    if (reading._tag === 'NotAFactory' || discovered.content._tag !== 'Bytes') {
      return fail({ _tag: 'NotExecutable', path: entry.path, found: entry.entryType });
    }
    return {
      path: entry.path,
      nodeId: discovered.nodeId,
      factory: reading.factory,
      config: discovered.content.bytes,
      timeoutMs: reading.envelope?.timeoutMs ?? (await run(timeoutWhere(fs, entry.path))),
    };
  });

/** Default of an entry that does not say how long it may take, by where it stands. */
const timeoutWhere = (
  fs: DiscoverableFs,
  path: FactoryContext['path'],
): TE.TaskEither<PondError, number | null> => {
  switch (parentOf(path)) {
    case SYSTEM_DIRECTORY:
      return defaultTimeout(fs);
    case GATE_DIRECTORY:
      return TE.right(GATE_TIMEOUT);
    default:
      return TE.right(null);
  }
};

/** An entry is approved with the configuration that it belongs to, any other node by itself. */
const refuseToRun = (
  pond: Pond,
  { path, factory, config }: Executable,
  txnSeq: number,
): TE.TaskEither<PondError, void> => {
  if (SYSTEM_DIRECTORIES.some((directory) => parentOf(path) === directory))
    return refuseUntrusted(pond, [txnSeq]);
  const refusal = pond.trust.refuseToRun(path, { factory, config });
  return refusal === null ? TE.right(undefined) : TE.left(refusal);
};

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
  { args = [], signal = new AbortController().signal }: RunByHandOptions,
): TE.TaskEither<PondError, GatheredFor | null> =>
  steps<PondError, GatheredFor | null>(async ({ run }) => {
    const view = await run(pond.tlog.snapshot());
    const registry = once(registryOfState(pond, view));
    const fs = readerOf(view, nodeLoaderOf(pond, registry), seriesFormatOf(pond));
    const executable = await run(executableAt(fs, path));
    await run(refuseToRun(pond, executable, view.txnSeq));
    const known = await registry();
    const { factory, config } = executable;
    const inSpanOfRun = inOwnSpan(pond, executable, callerContext(pond.ports.host), 'Gather');
    const gathered = await run(
      inSpanOfRun((span) => {
        const { txnSeq } = view;
        const context = { ...common(pond, executable, { txnSeq, txnId: '', signal, args, span, fs }), fs };
        return withinItsTime(pond, executable, signal, (until) =>
          known.gather(factory, config, { ...context, signal: until }),
        );
      }),
    );
    return gathered === null ? null : { executable, gathered };
  });

const runAsWriter = (
  pond: Pond,
  path: string,
  { args = [], signal, about }: RunOptions,
  gathered: GatheredFor | null,
): TE.TaskEither<PondError, RunOutcome> => {
  const reports = reportKeeper(pond.ports.logger);
  let undone: readonly string[] = [];
  return pipe(
    writeTransaction(pond)(
      (transaction) =>
        steps<PondError, void>(async ({ run }) => {
          const executable = await run(executableAt(transaction.fs, path));
          await run(refuseToRun(pond, executable, transaction.basedOnSeq));
          await run(refuseChanged(executable, gathered));
          const registry = await transaction.factories();
          const inSpanOfRun = inOwnSpan(pond, executable, transaction.trace);
          undone = await run(
            inSpanOfRun((span) => {
              const context: WriterContext = {
                ...EXECUTION_MODES.InTransactionWriter,
                ...common(pond, executable, { ...transaction, args, span }),
                mode: 'InTransactionWriter',
                report: reports.report,
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
        ...{ _tag: 'FactoryFailed', path, factory },
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

/** A run by hand is an attempt of its own, in the writer's transaction or in the trace of whoever called. */
const inOwnSpan = (
  pond: Pond,
  { path, factory }: Executable,
  parent: TraceContext | null,
  kind: 'RunByHand' | 'Gather' = 'RunByHand',
) =>
  inSpan(
    pond.ports.telemetry,
    operationSpan({ id: path, kind }, parent, {
      [ATTRIBUTE.taskFactory]: factory,
      [ATTRIBUTE.taskConfigPath]: path,
    }),
  );

/** Runs it within the time that its configuration allows. */
const execute = (
  pond: Pond,
  registry: Registry,
  executable: Executable,
  context: FactoryContext,
): TE.TaskEither<PondError, void> => {
  const { factory, config } = executable;
  return pipe(
    withinItsTime(pond, executable, context.signal, (signal) =>
      registry.execute(factory, config, { ...context, signal }, context.mode),
    ),
    TE.tapIO(() => () => context.log.log('info', 'run_completed', { factory })),
  );
};

/** Lets work of a factory go on for as long as its configuration allows. */
const withinItsTime = <A>(
  { ports: { clock } }: Pond,
  { path, factory, timeoutMs }: Executable,
  interrupt: AbortSignal,
  work: (signal: AbortSignal) => TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  steps(async ({ take, fail }) => {
    const failed = (message: string) => fail({ _tag: 'FactoryFailed', path, factory, message });
    const ended = await runWithDeadline<PondError, A>({ clock, timeoutMs, graceMs: GRACE, interrupt }, work);
    if (ended._tag !== 'Settled' && ended.reason._tag === 'Interrupted') {
      // What came to its end all the same is as good as one that nobody interrupted: the transaction decides.
      if (ended._tag === 'Ignored' || isLeft(ended.result)) return fail({ _tag: 'Interrupted', call: 'run' });
    }
    if (ended._tag === 'Ignored' && ended.reason._tag === 'TimedOut') {
      return failed(
        `timed out after ${printDuration(ended.reason.timeoutMs)}, and went on after it was told to stop`,
      );
    }
    if (ended._tag === 'Ignored') return fail({ _tag: 'Interrupted', call: 'run' });
    if (ended._tag === 'Stopped' && ended.reason._tag === 'TimedOut')
      return failed(`timed out after ${printDuration(ended.reason.timeoutMs)}`);
    return take(ended.result);
  });

/** Milliseconds that it has to stop in when it is told to: longer than `command` gives its child. */
const GRACE = 10_000;

/** Lets what is run by hand, and what it starts, know it; within itself it is refused. */
const insideRun = <A>(
  pond: Pond,
  { path }: Executable,
  at: Omit<EntryAtWork, 'path'>,
  work: TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  pipe(
    surroundingsOf(pond),
    TE.filterOrElse(
      ({ chain }) =>
        !chain.some(
          ({ pond_id, task, config_path }) =>
            pond_id === pond.tlog.pondId && task === null && config_path === path,
        ),
      (): PondError => ({ _tag: 'RefusedInsideTask', call: 'run', task: null }),
    ),
    TE.flatMap((around) => withinEntry(pond, around, { ...at, path }, work)),
  );

/** Facts that both modes are told. */
const common = (
  pond: Pond,
  { path, nodeId, factory }: Executable,
  {
    txnSeq,
    txnId,
    signal,
    args,
    span,
    fs,
  }: {
    readonly txnSeq: number;
    readonly txnId: string;
    readonly signal: AbortSignal;
    readonly args: readonly string[];
    readonly span: Span;
    readonly fs: PondReader | PondWriter;
  },
) => ({
  description: `${path} by hand, transaction ${txnSeq}`,
  path,
  nodeId,
  pondId: pond.tlog.pondId,
  txnSeq,
  dataFsVersion: 0,
  txnId,
  changes: [],
  relevantChanges: [],
  task: null,
  attempt: 1,
  idempotencyKey: `${pond.tlog.pondId}/${txnId}`,
  supersededBy: null,
  outcomes: [],
  // Before a writer's transaction there is no place for one.
  report: (report: Json) => loggerIn(pond.ports.logger, span).log('info', 'run_reported', { report }),
  args,
  signal,
  log: loggerIn(pond.ports.logger, span).with({ config_path: path }),
  span: factorySpan(span),
  query: queryForFactory(pond, fs, { path, factory, signal }),
  // Nobody makes another attempt of what a person runs by hand.
  recordProcessGroup: () => TE.right(undefined),
});
