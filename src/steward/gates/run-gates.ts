import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { GateStatus } from '../../control/records/transaction-summary.js';
import type { RejectedEntry } from '../../domain/plans/plan.js';
import type { Change } from '../../domain/tree/change.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { registryFacts } from '../../planner/entries/registry-facts.js';
import { mayConcern, planGates } from '../../planner/plan-gates.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { TLogWriter } from '../../tlogfs/tlog.js';
import { describeEntryError } from '../describe-plan.js';
import type { PondError, RefusingGate } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { discoverGates } from './discover-gates.js';
import type { GatedTransaction } from './gated-transaction.js';
import { runGate } from './run-gate.js';

/**
 * Asks the gates of a transaction, one after another, and records what they said; `mayRun` is asked before the first one
 * is run. Where one fails, or cannot run as it is configured, the transaction is refused: then all that were asked are in
 * the error, so that nobody has to come back for each. Returns the changes, with those that gates have made.
 */
export const runGates = (
  transaction: GatedTransaction,
  changes: readonly Change[],
  mayRun: TE.TaskEither<PondError, void>,
): TE.TaskEither<PondError, readonly Change[]> =>
  steps(async (s) => {
    const { pond, persistence, identity } = transaction;
    const states = { before: persistence.base, after: persistence };
    const entries = await s.run(discoverGates(pond, states, changes));
    if (!mayConcern(entries, changes)) return changes;
    const registry = await transaction.registry();
    const plan = planGates({ changes, entries, registry: registryFacts(entries, registry) });
    if (plan.tasks.length + plan.rejected.length === 0) return changes;
    await s.run(mayRun);

    const outcomes: GateStatus[] = plan.rejected.map((entry) => rejection(pond, entry));
    const passed = new Set<string>();
    const byPath = new Map<string, DiscoveredEntry>(entries.map((entry) => [entry.path, entry]));
    let current = changes;
    for (const task of plan.tasks) {
      const entry = byPath.get(task.config_path);
      // One that waits for a gate that has refused has nothing to say any more.
      const isBlocked = task.blocked_by.length > 0 || task.depends_on.some((name) => !passed.has(name));
      if (entry === undefined || isBlocked) continue;
      const rows = rowsOf(persistence);
      const outcome = await runGate(transaction, { task, entry, registry, changes: current })();
      if (transaction.signal.aborted) return s.fail({ _tag: 'Interrupted', call: task.config_path });
      outcomes.push(outcome);
      if (outcome.state === 'completed') passed.add(task.name);
      if (rowsOf(persistence) !== rows) current = await s.run(changesOf(persistence, identity.txnSeq));
    }
    await s.run(pond.control.recordGates(identity.txnId, outcomes));
    const refusing = outcomes.filter(({ state }) => state === 'failed');
    return refusing.length === 0 ? current : s.fail({ _tag: 'GateRefused', gates: refusing.map(refusal) });
  });

/** Returns what the transaction would write, as a text that is another one when a gate has changed something. */
const rowsOf = (persistence: TLogWriter): string =>
  persistence
    .written()
    .map(({ nodeId, partId, name, version, sha256, deleted }) =>
      [partId, nodeId, version, name, sha256, deleted].join(' '),
    )
    .join('\n');

const rejection = ({ ports }: Pond, { path, factory, errors }: RejectedEntry): GateStatus => ({
  configPath: path,
  factoryName: factory,
  state: 'failed',
  endedAt: ports.clock.nowMicros(),
  durationMs: null,
  errorMessage: errors.map((error) => describeEntryError(path, error)).join('; '),
  report: null,
  traceParent: null,
});

const refusal = ({ configPath, factoryName, errorMessage, report }: GateStatus): RefusingGate => ({
  path: configPath,
  factory: factoryName,
  message: errorMessage ?? '',
  report,
});
