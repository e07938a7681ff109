import { describeOperationError } from '../../documents/recovered-document.js';
import type { Json } from '../../domain/documents/json.js';
import type { HostExecutionError, HostReport } from '../../host-plans/execute-host-plan.js';
import type { CheckpointSummary } from '../../host-plans/journal/checkpoint-summary.js';
import { kindOf } from '../../host-plans/kinds/host-kinds.js';
import type { HostPlan } from '../../host-plans/plan/host-plan.js';
import type { RecoveredHostPlan } from '../../steward/shapes/upkeep.js';
import { counted } from '../words/print-values.js';

type Failure = HostReport['errors'][number];

const failureDocument = ({ operation, error }: Failure): Json => ({
  operation,
  tag: error._tag,
  message: describeOperationError(error),
});

/** The report as `--json` prints it, whether or not it went well. */
export const reportDocument = (report: HostReport, error: HostExecutionError | null): Json => ({
  executed: report.executed,
  failed: report.failed,
  rolled_back: report.rolledBack,
  skipped: report.skipped,
  errors: report.errors.map(failureDocument),
  rollback_failures: report.rollbackFailures.map(failureDocument),
  ...(error === null ? {} : { error: { tag: error._tag, message: describeExecutionError(error, report) } }),
});

/** Renders why a plan was not executed, and what that leaves, as a sentence. */
export const describeExecutionError = (error: HostExecutionError, report: HostReport): string => {
  const rest =
    report.rollbackFailures.length === 0
      ? 'everything is as it was'
      : `${counted(report.rollbackFailures.length, 'operation')} could not be undone; pond host recover tries again`;
  switch (error._tag) {
    case 'EmptyPlan':
      return 'the plan has no operations';
    case 'PrepareFailed':
      return `${counted(report.errors.length, 'operation')} cannot be executed; nothing was touched`;
    case 'ExecutionFailed': {
      const leftOver = report.errors.filter(({ error: { _tag } }) => _tag === 'NotRemoved');
      return leftOver.length > 0
        ? `the plan was executed, but ${counted(leftOver.length, 'thing')} could not be removed completely`
        : `execution failed: ${rest}`;
    }
    case 'Interrupted':
      return `interrupted: ${rest}`;
  }
};

/** A line for each thing that went wrong. */
export const failureLines = (report: HostReport): readonly string[] => [
  ...report.errors.map((failure) => failureLine('', failure)),
  ...report.rollbackFailures.map((failure) => failureLine('not undone: ', failure)),
];

const failureLine = (prefix: string, { operation, error }: Failure): string =>
  `  ${prefix}${operation === '' ? '' : `${operation}: `}${describeOperationError(error)}`;

/** The operations in their order, batch by batch, with what stands in their way. */
export const renderDryRun = (plan: HostPlan, findings: readonly Failure[]): readonly string[] => {
  const byId = new Map(plan.operations.map(({ operation }) => [operation.id, operation]));
  const found = new Map(findings.map(({ operation, error }) => [operation, error]));
  return plan.batches.flatMap((batch, index) => [
    `batch ${index + 1}:`,
    ...batch.flatMap((id) => {
      const operation = byId.get(id);
      const error = found.get(id);
      return [
        `  ${id}  ${operation === undefined ? '' : kindOf(operation).describe(operation)}`,
        ...(error === undefined ? [] : [`    cannot be executed: ${describeOperationError(error)}`]),
      ];
    }),
  ]);
};

/** The dry run for a program: nothing is executed, and what cannot be is in `failed`. */
export const dryRunDocument = (plan: HostPlan, findings: readonly Failure[]): Json => ({
  dry_run: true,
  checksum: plan.checksum,
  batches: plan.batches,
  operations: plan.operations.map(({ operation, depends_on }) => ({
    id: operation.id,
    kind: operation.kind,
    depends_on,
    description: kindOf(operation).describe(operation),
  })),
  executed: [],
  failed: findings.map(({ operation }) => operation),
  rolled_back: [],
  skipped: [],
  errors: findings.map(failureDocument),
  rollback_failures: [],
});

/** Lines about what recovery did, one for each plan. */
export const renderRecovered = (recovered: readonly RecoveredHostPlan[]): readonly string[] =>
  recovered.flatMap(({ id, outcome, rolledBack, failures, effects = [] }) => [
    `${id}  ${outcome.replaceAll('_', ' ')}${
      outcome === 'rolled_back' ? ` (${counted(rolledBack.length, 'operation')})` : ''
    }`,
    ...failures.map(
      ({ operation, error }) =>
        `  ${operation === '' ? '' : `${operation}: `}${describeOperationError(error)}`,
    ),
    ...effectLines(effects),
    ...(outcome === 'made_elsewhere'
      ? [
          `  pond host recover --adopt ${id} shows what it would touch, and does it; --discard ${id} forgets it`,
        ]
      : []),
  ]);

/** Lines about what recovery might do on the host, one for each path. */
export const effectLines = (effects: CheckpointSummary['effects']): readonly string[] =>
  effects.map(({ effect, path }) => `  would ${effect}: ${path}`);
