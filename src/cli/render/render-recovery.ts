import { describeElsewhere } from '../../domain/describe-elsewhere.js';
import { notRecovered } from '../../steward/recovery/recover-host-plans.js';
import type { RecoveryReport } from '../../steward/shapes/upkeep.js';
import type { Paint } from '../words/paint.js';
import { counted } from '../words/print-values.js';
import { describeRunning, unfinishedIn } from '../words/unfinished.js';
import { renderRecovered } from './render-host-plan.js';
import { renderTasks } from './render-tasks.js';

/** Text about what a recovery did, or would do. */
export const renderRecovery = (
  report: RecoveryReport,
  paint: Paint,
  { adopted = false }: { readonly adopted?: boolean } = {},
): readonly string[] => {
  const {
    dryRun,
    rolledForward,
    failed,
    rebuilt,
    gone,
    hostPlans,
    hostPlansProblem,
    exportContents,
    processGroups,
    madeElsewhere,
    tasks,
    remaining,
  } = report;
  const done = (did: string, would: string) => (dryRun ? would : did);
  const lines = [
    ...remaining.transactions
      .filter(({ isRunning, transactionType }) => dryRun && isRunning && transactionType === 'write')
      .map((transaction) => `${describeRunning(transaction)}, and is left alone`),
    ...rolledForward.map(
      ({ txnSeq }) => `commit ${txnSeq} ${done('was', 'would be')} recorded: its data is there`,
    ),
    ...failed.map(
      ({ txnId, transactionType }) =>
        `${transactionType} ${txnId} ${done('was', 'would be')} recorded as failed: it never committed`,
    ),
    ...(rebuilt === 0
      ? []
      : [
          `${counted(rebuilt, 'commit')} unknown to the control table ${done('recorded', 'would be recorded')}`,
        ]),
    ...gone.map(
      ({ txnSeq }) =>
        `commit ${txnSeq} is no longer in the table: ${done('its records say so', 'its records would say so')}, its number is not given out again`,
    ),
    ...(hostPlans.length === 0 ? [] : [`${counted(hostPlans.length, 'host plan')} had not ended:`]),
    ...renderRecovered(hostPlans).map((line) => `  ${line}`),
    ...(hostPlansProblem === null ? [] : [`host plans could not be looked at: ${hostPlansProblem}`]),
    ...(exportContents === 0
      ? []
      : [
          `${counted(exportContents, 'file')} of exports whose process is gone ${done('removed', 'would be removed')}`,
        ]),
    ...processGroups.flatMap(({ configPath, pgid, processes }) => [
      `process group ${pgid} of ${configPath} ${done('ended', 'would be ended')}:`,
      ...processes.map(({ pid, command }) => `  ${pid}  ${command}`),
    ]),
    ...madeElsewhere.map(
      ({ kind, name, why }) =>
        `${kind === 'runner' ? `the row of runner ${name}` : name} was made elsewhere, and ${
          adopted
            ? done('was removed', 'would be removed')
            : 'is left alone (pond recover --adopt removes it)'
        }: ${describeElsewhere(why)}`,
    ),
    ...(tasks.length === 0
      ? []
      : [`${counted(tasks.length, 'task')} ${done('taken up', 'would be taken up')}:`]),
    ...renderTasks(tasks, paint).map((line) => `  ${line}`),
  ];
  const left = unfinishedIn(remaining);
  const notUndone = notRecovered(report).length;
  const elsewhere = remaining.tasks.filter(({ runner }) => runner !== null).length;
  return [
    ...(lines.length === 0 ? ['nothing to recover'] : lines),
    ...(left === 0 || dryRun
      ? []
      : [`still unfinished: ${counted(left, 'item')} (pond control --incomplete)`]),
    ...(elsewhere === 0 || dryRun
      ? []
      : [`at work elsewhere: ${counted(elsewhere, 'task')} (pond control --incomplete)`]),
    ...(notUndone === 0 || dryRun
      ? []
      : [`still there: ${counted(notUndone, 'host plan')} (pond host checkpoints)`]),
  ];
};
