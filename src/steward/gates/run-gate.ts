import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { GateStatus } from '../../control/records/transaction-summary.js';
import { printDuration } from '../../domain/duration.js';
import { relevantChanges } from '../../domain/plans/condition.js';
import { EXECUTION_MODES } from '../../domain/plans/execution-mode.js';
import type { PlannedTask } from '../../domain/plans/plan.js';
import type { Change } from '../../domain/tree/change.js';
import { loggerIn, withSpan } from '../../effects/with-span.js';
import { operationSpan } from '../../executor/execution-telemetry.js';
import { runWithDeadline } from '../../executor/independent/run-with-deadline.js';
import type { FactoryContext, FactoryError } from '../../factories/factory.js';
import { factorySpan } from '../../factories/factory-span.js';
import type { Registry } from '../../factories/registry/registry.js';
import { reportAttribute, reportKeeper } from '../../factories/report-keeper.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import { GATE_TIMEOUT } from '../../planner/plan-gates.js';
import type { Logger } from '../../ports/logger.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import { describeError } from '../describe-error.js';
import { withinEntry } from '../pond/inside/within-entry.js';
import { queryForFactory } from '../pond/query-pond.js';
import { startStopwatch } from '../pond/stopwatch.js';
import type { GatedTransaction } from './gated-transaction.js';

/** A gate that is to be asked. */
export interface GateToAsk {
  readonly task: PlannedTask;
  readonly entry: DiscoveredEntry;
  readonly registry: Registry;
  /** Transaction that is about to be committed. */
  readonly changes: readonly Change[];
}

/** Milliseconds in which a gate has to stop once it is told to. */
const GRACE = 5_000;

/** Asks one gate inside a span of its own. It is prepared and run within its time. */
export const runGate =
  (transaction: GatedTransaction, gate: GateToAsk): Task<GateStatus> =>
  () => {
    const { pond, span: parent } = transaction;
    const { task } = gate;
    const attributes = {
      [ATTRIBUTE.taskFactory]: task.factory,
      [ATTRIBUTE.taskConfigPath]: task.config_path,
    };
    const start = operationSpan({ id: task.config_path, kind: 'Gate' }, parent.context, attributes);
    return withSpan(pond.ports.telemetry, start, async (span) => {
      const { ended } = startStopwatch(pond.ports.clock);
      const held = transaction.gateLog();
      const log = loggerIn(held.logger, span).with({ config_path: task.config_path });
      const reports = reportKeeper(log);
      const said = await ask(transaction, gate, { span, log, report: reports.report });
      const { timestamp, durationMs } = ended();
      const errorMessage = isLeft(said) ? said.left : null;
      const report = reports.kept();
      if (report !== null) span.set({ [ATTRIBUTE.taskReport]: reportAttribute(report) });
      if (errorMessage !== null) span.fail(errorMessage);
      log.log('info', errorMessage === null ? 'gate_passed' : 'gate_refused', { duration_ms: durationMs });
      if (errorMessage !== null) held.tell();
      return {
        configPath: task.config_path,
        factoryName: task.factory,
        state: errorMessage === null ? 'completed' : 'failed',
        endedAt: timestamp,
        durationMs,
        errorMessage,
        report,
        traceParent: span.context.traceParent,
      };
    });
  };

/** Channels by which a gate says what it does. */
interface Saying {
  readonly span: Span;
  readonly log: Logger;
  readonly report: FactoryContext['report'];
}

/** Answer of a gate: nothing, or why not. */
const ask = async (
  transaction: GatedTransaction,
  { task, entry, registry, changes }: GateToAsk,
  saying: Saying,
): Promise<Either<string, void>> => {
  const { pond, signal: interrupt } = transaction;
  const reading = readEntry(entry);
  const condition = reading._tag === 'Configured' ? (reading.envelope?.condition ?? null) : null;
  const config = entry.content._tag === 'Bytes' ? entry.content.bytes : new Uint8Array();
  const timeoutMs = task.timeout_ms ?? GATE_TIMEOUT;
  const outcome = await runWithDeadline<FactoryError, void>(
    { clock: pond.ports.clock, timeoutMs, graceMs: GRACE, interrupt },
    (signal) => {
      const context = contextOf(transaction, { task, entry, ...saying, signal });
      const about = { ...context, changes, relevantChanges: relevantChanges(condition, changes) };
      const { txnId } = transaction.identity;
      const { txnSeq } = transaction.persistence.base;
      return withinEntry(
        pond,
        transaction.around,
        { path: task.config_path, txnSeq, txnId, span: saying.span },
        registry.execute(task.factory, config, about, 'InTransactionWriter'),
      );
    },
  );
  if (outcome._tag === 'Settled')
    return isLeft(outcome.result) ? { _tag: 'Left', left: wordsOf(outcome.result.left) } : right(undefined);
  // One that was told to stop has not judged all that it was to, whatever it says then.
  const said =
    outcome.reason._tag === 'TimedOut' ? `timed out after ${printDuration(timeoutMs)}` : 'interrupted';
  return { _tag: 'Left', left: said };
};

/** The path of a gate stands before what it says. */
const wordsOf = (error: FactoryError): string =>
  error._tag === 'FactoryFailed' ? error.message : describeError(error);

const contextOf = (
  { pond, identity, baseVersion, fs }: GatedTransaction,
  {
    task,
    entry,
    span,
    log,
    report,
    signal,
  }: Pick<GateToAsk, 'task' | 'entry'> & Saying & { readonly signal: AbortSignal },
): Extract<FactoryContext, { mode: 'InTransactionWriter' }> => ({
  ...EXECUTION_MODES.InTransactionWriter,
  mode: 'InTransactionWriter',
  description: `${task.config_path} before commit ${identity.txnSeq} (a gate: its error refuses the commit)`,
  path: task.config_path,
  nodeId: entry.nodeId,
  pondId: pond.tlog.pondId,
  txnSeq: identity.txnSeq,
  txnId: identity.txnId,
  dataFsVersion: baseVersion,
  changes: [],
  relevantChanges: [],
  task: null,
  attempt: 1,
  idempotencyKey: `${pond.tlog.pondId}/${identity.txnId}`,
  supersededBy: null,
  outcomes: [],
  args: [],
  signal,
  fs,
  query: queryForFactory(pond, fs, { path: task.config_path, factory: entry.nodeFactory ?? '', signal }),
  log,
  span: factorySpan(span),
  report,
  recordProcessGroup: () => TE.right(undefined),
});
