import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../../domain/documents/json.js';
import { printDuration } from '../../../domain/duration.js';
import { steps } from '../../../effects/steps.js';
import { loggerIn } from '../../../effects/with-span.js';
import { operationSpan } from '../../../executor/execution-telemetry.js';
import { runWithDeadline } from '../../../executor/independent/run-with-deadline.js';
import type { FactoryContext } from '../../../factories/factory.js';
import { factorySpan } from '../../../factories/factory-span.js';
import type { Registry } from '../../../factories/registry/registry.js';
import type { Span, TraceContext } from '../../../ports/telemetry.js';
import { ATTRIBUTE } from '../../../ports/telemetry-names.js';
import type { PondReader, PondWriter } from '../../../tinyfs/tinyfs.js';
import type { PondError } from '../../errors.js';
import { inSpan } from '../../pond/in-span.js';
import { type Surroundings, surroundingsOf } from '../../pond/inside/surroundings.js';
import { type EntryAtWork, withinEntry } from '../../pond/inside/within-entry.js';
import type { Pond } from '../../pond/pond.js';
import { queryForFactory } from '../../pond/query-pond.js';
import type { ScheduledRun } from '../../pond/scheduled-run.js';
import type { Executable } from './executable-by-hand.js';

/** A run by hand is an attempt of its own, in the writer's transaction or in the trace of whoever called. */
export const inOwnSpan = (
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
export const execute = (
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
export const withinItsTime = <A>(
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

/** Finds out where this is asked from; refuses what is run by hand within itself. */
export const surroundingsOfRun = (pond: Pond, { path }: Executable): TE.TaskEither<PondError, Surroundings> =>
  pipe(
    surroundingsOf(pond),
    TE.filterOrElse(
      ({ chain }) =>
        !chain.some(
          ({ pond_id, task, config_path, firing }) =>
            pond_id === pond.tlog.pondId && task === null && firing === undefined && config_path === path,
        ),
      (): PondError => ({ _tag: 'RefusedInsideTask', call: 'run', task: null }),
    ),
  );

/** Lets what is run by hand, and what it starts, know it. */
export const insideRun = <A>(
  pond: Pond,
  executable: Executable,
  at: Omit<EntryAtWork, 'path'>,
  work: TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  pipe(
    surroundingsOfRun(pond, executable),
    TE.flatMap((around) => withinEntry(pond, around, { ...at, path: executable.path }, work)),
  );

/** Facts that both modes are told. */
export const common = (
  pond: Pond,
  { path, nodeId, factory }: Executable,
  {
    txnSeq,
    txnId,
    signal,
    args,
    span,
    fs,
    scheduled = null,
  }: {
    readonly txnSeq: number;
    readonly txnId: string;
    readonly signal: AbortSignal;
    readonly args: readonly string[];
    readonly span: Span;
    readonly fs: PondReader | PondWriter;
    readonly scheduled?: ScheduledRun | null;
  },
) => ({
  description: `${path} ${scheduled === null ? 'by hand' : `for ${scheduled.firing}`}, transaction ${txnSeq}`,
  path,
  nodeId,
  pondId: pond.tlog.pondId,
  txnSeq,
  dataFsVersion: 0,
  txnId,
  changes: [],
  relevantChanges: [],
  task: null,
  attempt: scheduled?.attempt ?? 1,
  idempotencyKey: [
    pond.tlog.pondId,
    ...(scheduled?.incarnation == null ? [] : [scheduled.incarnation]),
    scheduled?.firing ?? txnId,
  ].join('/'),
  supersededBy: null,
  outcomes: [],
  // Before a writer's transaction there is no place for one.
  report: (report: Json) => loggerIn(pond.ports.logger, span).log('info', 'run_reported', { report }),
  args,
  signal,
  log: scheduled?.log ?? loggerIn(pond.ports.logger, span).with({ config_path: path }),
  span: factorySpan(span),
  query: queryForFactory(pond, fs, { path, factory, signal }),
  // Nobody makes another attempt of what a person runs by hand.
  recordProcessGroup: () => TE.right(undefined),
});
