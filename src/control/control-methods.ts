import { arrivals } from './arrivals/arrivals.js';
import type { ControlTable } from './control-table.js';
import { firings } from './firings/firings.js';
import { deadRunners } from './runners/dead-runners.js';
import { fleetStatus } from './runners/fleet-status.js';
import { leftClaims } from './runners/left-claims.js';
import { processGroups } from './runners/process-groups.js';
import { runners } from './runners/runners.js';
import { runningTasks } from './runners/running-tasks.js';
import type { ControlStore } from './store/control-store.js';
import { unbegunTasks } from './tasks/attempt-end.js';
import { attempts } from './tasks/attempts.js';
import { cancellation } from './tasks/cancellation.js';
import { claims } from './tasks/claims.js';
import { dismissal } from './tasks/dismissal.js';
import { type HeldHistories, heldHistories } from './tasks/held-histories.js';
import { outputs } from './tasks/outputs.js';
import { taskQuestions } from './tasks/task-questions.js';
import { recordDataCommitted } from './transactions/data-committed.js';
import { recordGone } from './transactions/gone-commits.js';
import { recordRebuilt } from './transactions/rebuilt-commits.js';
import { transactionQuestions } from './transactions/transaction-questions.js';
import { transactionRecords } from './transactions/transaction-records.js';

/** A control table over a store: the same records and the same rules, whatever database keeps them. */
export const controlTable = (
  store: ControlStore,
  own: Pick<ControlTable, 'readOnly' | 'migrate' | 'isOlder' | 'close'>,
): ControlTable => methods(store, own, heldHistories());

const methods = (
  store: ControlStore,
  own: Pick<ControlTable, 'readOnly' | 'migrate' | 'isOlder' | 'close'>,
  known: HeldHistories,
): ControlTable => ({
  ...own,
  ...transactionRecords(store),
  recordDataCommitted: (commit) => recordDataCommitted(store, known, commit),
  recordRebuilt: (commits) => recordRebuilt(store, commits),
  recordGone: (commits, timestamp) => recordGone(store, commits, timestamp),
  ...runners(store),
  ...leftClaims(store),
  ...deadRunners(store),
  runningTasks: () => runningTasks(store),
  fleetStatus: () => fleetStatus(store),
  ...claims(store),
  ...onCall(
    {
      recordAttempts: true,
      recordPostCommitStarted: true,
      recordPostCommitCompleted: true,
      recordPostCommitFailed: true,
      recordPostCommitRolledBack: true,
    },
    () => attempts(store, known),
  ),
  ...processGroups(store),
  ...onCall({ recordPostCommitSkipped: true, recordPostCommitRefused: true }, () => unbegunTasks(store)),
  ...onCall({ recordPostCommitDismissed: true }, () => dismissal(store)),
  ...onCall({ recordPostCommitCancelled: true, cancelledAttempts: true }, () => cancellation(store)),
  ...onCall({ outputsOf: true, removeOutputs: true }, () => outputs(store)),
  ...onCall({ recordFiring: true, firings: true, firingsOf: true, newestDue: true }, () => firings(store)),
  ...onCall(
    {
      arrivalsOf: true,
      knownArrivals: true,
      learnArrivals: true,
      recordBatch: true,
      settleArrivals: true,
      forgetArrivals: true,
      setWatchProblem: true,
      watchStatus: true,
    },
    () => arrivals(store),
  ),
  ...transactionQuestions(store),
  ...taskQuestions(store, known),
});

/** Methods that are made when one of them is first called. Most commands call none of them, and load none of what they need. */
const onCall = <Methods extends object>(
  names: { readonly [Name in keyof Methods]: true },
  make: () => Methods,
): Methods => {
  let made: Methods | null = null;
  const calling =
    (name: keyof Methods) =>
    (...given: readonly unknown[]) => {
      made ??= make();
      return (made[name] as (...given: readonly unknown[]) => unknown)(...given);
    };
  return Object.fromEntries(
    Object.keys(names).map((name) => [name, calling(name as keyof Methods)]),
  ) as Methods;
};
