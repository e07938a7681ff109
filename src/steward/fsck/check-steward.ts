import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { checkCancellations, checkClaims, checkEpisodes } from '../../control/check/check-claims.js';
import { type ControlCheck, lookAgain } from '../../control/check/check-control.js';
import type { ControlFinding } from '../../control/check/control-finding.js';
import { liveRunners } from '../../control/runners/live-runners.js';
import { runnerOfLockFile, runnersDirectory } from '../../control/runners/runner-locks.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import { layout } from '../pond/pond.js';
import { runnerSeals } from '../pond/record-origin.js';
import { isDeadRead } from '../recovery/unfinished-work.js';
import type { Finding } from '../shapes/finding.js';
import type { StewardPorts } from '../steward-ports.js';
import { checkCommits, type TasksOfPlan } from './check-commits.js';
import { checkUnended } from './check-unended.js';

/** Holds the control table against the log and against who is alive. */
export const checkSteward = (
  ports: StewardPorts,
  directory: string,
  table: TableCheck,
  control: ControlCheck,
  { tasksOf, named }: { readonly tasksOf: TasksOfPlan; readonly named: (path: string) => string },
): readonly Finding[] => {
  const { control: controlDir, writerLock } = layout(directory);
  const isLiveRunner = liveRunners(ports.locks, controlDir);
  for (const { runner_id } of control.beside.runners) isLiveRunner(runner_id);
  const lockFiles = staleLocks(ports, controlDir, isLiveRunner);
  const writing = ports.locks.isHeld(writerLock)();
  const isWriting = isLeft(writing) || writing.right;

  const now = lookAgain(ports, `${controlDir}/control.db`) ?? control.beside;
  const known = new Set(now.runners.map(({ runner_id }) => runner_id));
  const commits = checkCommits(table, control, tasksOf).filter(
    ({ _tag, ...finding }) =>
      _tag !== 'CommitNotRecorded' ||
      !(isWriting || ('txnId' in finding && isRecorded(now, finding.txnId, control))),
  );
  const notRecorded = new Set(
    commits.flatMap((finding) => (finding._tag === 'CommitNotRecorded' ? [finding.txnId] : [])),
  );
  return [
    ...checkClaims(control.beside, isLiveRunner),
    ...checkEpisodes(control.beside),
    ...checkCancellations(control.beside),
    ...commits,
    ...checkUnended(control, now, {
      isLiveRunner,
      isWriting,
      seals: runnerSeals(ports, directory),
      isLiveRead: (environment) =>
        !isDeadRead({ ports }, { transactionType: 'read', environment: environment ?? {} }),
    }).filter(
      // One crash is one finding: the commit that is not recorded has a `begin` without an end.
      (finding) => !(finding._tag === 'TransactionInterrupted' && notRecorded.has(finding.txnId)),
    ),
    ...lockFiles
      .filter(({ runnerId, path }) => !known.has(runnerId) && isRight(ports.files.stat(path)()))
      .map(({ path }): ControlFinding => ({ _tag: 'StaleRunnerLock', file: named(path) })),
  ];
};

/** Tells whether a transaction that was open or unknown when the table was read has been recorded as committed since. */
const isRecorded = (
  { openTransactions, commitPlans }: ControlCheck['beside'],
  txnId: string,
  before: ControlCheck,
): boolean => {
  const was = before.beside.openTransactions.get(txnId);
  const is = openTransactions.get(txnId);
  return (
    is === 'committed' ||
    (was !== undefined && is === undefined) ||
    commitPlans.some((plan) => plan.txn_id === txnId && plan.state === 'active')
  );
};

const staleLocks = (
  ports: StewardPorts,
  controlDir: string,
  isLiveRunner: (runnerId: string) => boolean,
): readonly { readonly runnerId: string; readonly path: string }[] => {
  const directory = runnersDirectory(controlDir);
  const names = ports.files.readDirectory(directory)();
  if (isLeft(names)) return [];
  return names.right.flatMap((name) => {
    const runnerId = runnerOfLockFile(name);
    return runnerId === null || isLiveRunner(runnerId) ? [] : [{ runnerId, path: `${directory}/${name}` }];
  });
};
