import { left } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { ControlTable } from './control-table.js';

/**
 * The control table of a pond whose data may be read and whose control table may not: every question and every record
 * fails and says why. Whoever reads the pond's contents needs none of them.
 */
export const unreadableControlTable = (error: ControlError): ControlTable => {
  const fails = () => TE.left(error);
  return {
    readOnly: error,
    migrate: fails,
    isOlder: () => false,
    recordBegin: fails,
    recordRefused: fails,
    recordPlanPrepared: fails,
    recordDataCommitted: fails,
    recordGates: fails,
    recordCompleted: fails,
    recordFailed: fails,
    completeIfEnded: fails,
    recordRebuilt: fails,
    recordGone: fails,
    pruneReads: fails,
    beginRunner: fails,
    endRunner: fails,
    markBackground: fails,
    backgroundRunner: fails,
    takeLeftClaims: fails,
    takeDerivedClaims: fails,
    abandonRunner: () => undefined,
    foreignRunners: fails,
    removeDeadRunners: fails,
    claim: fails,
    recordPostCommitPending: fails,
    recordAttempts: (records) => async () => records.map(() => left(error)),
    recordPostCommitStarted: fails,
    recordGroup: fails,
    groupsLeftBehind: fails,
    forgetGroup: fails,
    recordPostCommitRefused: fails,
    recordPostCommitCompleted: fails,
    recordPostCommitFailed: fails,
    recordPostCommitRolledBack: fails,
    recordPostCommitSkipped: fails,
    recordPostCommitDismissed: fails,
    release: fails,
    leaveTo: fails,
    newestCommit: fails,
    commits: fails,
    transactions: fails,
    records: fails,
    getPostCommitTasks: fails,
    tasksOfFiring: fails,
    firings: fails,
    newestDue: fails,
    recordFiring: fails,
    findIncompleteTransactions: fails,
    findIncompletePostCommitTasks: fails,
    findFailedTasks: fails,
    findSkippedTasks: fails,
    runningTasks: fails,
    causedCommits: fails,
    planOf: fails,
    close: () => undefined,
  };
};
