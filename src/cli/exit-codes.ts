import type { TaskStatus } from '../control/records/task-status.js';
import { endedBadly, isUnfinished, wasRejected } from '../documents/task-ends.js';
import { notRecovered } from '../steward/recovery/recover-host-plans.js';
import type { WriteOutcome } from '../steward/shapes/transactions.js';
import type { RecoveryReport } from '../steward/shapes/upkeep.js';
import type { CliError } from './errors.js';

/** Meaning of the exit codes. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** The commit landed, but tasks failed or were rejected, or something about the commit is not as it should be. */
  tasksFailed: 3,
  invalidConfiguration: 4,
  locked: 5,
  unfinishedWork: 6,
  /** Refusal to run what is not approved by this user. */
  notTrusted: 7,
  /** A gate refused the commit. */
  refusedByGate: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const { failed, wrongUsage, invalidConfiguration, locked } = EXIT;

const CODE_OF_ERROR: Readonly<Record<CliError['_tag'], ExitCode>> = {
  Usage: wrongUsage,
  InvalidPath: wrongUsage,
  InvalidArgument: wrongUsage,
  InvalidPattern: wrongUsage,

  InvalidPlace: wrongUsage,
  RemoteExists: wrongUsage,
  NoSuchRemote: wrongUsage,

  InvalidYaml: invalidConfiguration,
  InvalidConfig: invalidConfiguration,
  InvalidSetting: invalidConfiguration,
  UnknownFactory: invalidConfiguration,
  EntryRejected: invalidConfiguration,
  ConfigTooLarge: invalidConfiguration,
  SchemaConflict: invalidConfiguration,
  VariableNotSet: invalidConfiguration,
  FactoryModuleFailed: invalidConfiguration,
  InvalidHostPlan: invalidConfiguration,

  PondLocked: locked,
  ControlInUse: locked,
  NotTrusted: EXIT.notTrusted,
  NotApproved: EXIT.notTrusted,
  GateRefused: EXIT.refusedByGate,
  NoUserState: failed,
  ApprovalNotFound: failed,
  UnsafeAddress: wrongUsage,
  ListenFailed: failed,
  Interrupted: EXIT.interrupted,
  TransferInterrupted: EXIT.interrupted,

  StoreFailed: failed,
  ObjectMissing: failed,
  ConditionFailed: failed,
  BudgetSpent: failed,
  ConditionsIgnored: failed,
  NotARemote: failed,
  OtherPond: failed,
  Diverged: failed,
  RemoteDamaged: failed,
  NotWhole: failed,
  RemoteTooLarge: failed,
  IsReplica: failed,
  NotAReplica: failed,
  NotAPond: failed,
  PondExists: failed,
  CorruptData: failed,
  UnsupportedData: failed,
  ContentForgotten: failed,
  StorageFailed: failed,
  UnsafeFile: failed,
  UnsupportedTable: failed,
  TransactionNotFound: failed,
  VersionTaken: failed,
  CommitUnclear: failed,
  LockLost: failed,
  Conflict: failed,
  PondFileUnusable: failed,
  NotForSharedPonds: wrongUsage,
  NotAFleet: wrongUsage,
  TableInUse: failed,
  InvalidControl: wrongUsage,
  PathNotFound: failed,
  PathExists: failed,
  NotADirectory: failed,
  IsADirectory: failed,
  DirectoryNotEmpty: failed,
  SymlinkLoop: failed,
  WrongEntryType: failed,
  NotDynamic: failed,
  ReadOnlyPath: failed,
  RootRefused: failed,
  MoveIntoItself: failed,
  TransactionEnded: failed,
  VersionNotFound: failed,
  NoCommitYet: failed,
  WrongOrder: wrongUsage,
  ChangedSince: failed,
  InvalidEventTimes: failed,
  CommitForgotten: failed,
  CommitGone: failed,
  DynamicNodeFailed: failed,
  CyclicContent: failed,
  ControlMissing: failed,
  ControlUnreadable: failed,
  ControlReadOnly: failed,
  PondTooNew: failed,
  ControlUnusable: failed,
  ControlFailed: failed,
  StaleToken: failed,
  TaskNotFound: failed,
  LockFailed: failed,
  NoWorkingSpace: failed,
  ModeNotSupported: failed,
  FactoryFailed: failed,
  RefusedInsideTask: failed,
  RefusedInsideWrite: failed,
  NotRetryable: failed,
  NotCancellable: failed,
  NotDismissable: failed,
  NotExecutable: failed,
  HostFileFailed: failed,
  NotParquet: failed,
  NotASeries: failed,
  NotRows: failed,
  SeriesUnreadable: failed,
  QueryFailed: failed,
  CommitNotRecorded: failed,
  NoMatch: failed,
  LinkInTarget: failed,
  SharedDirectory: failed,
  NotARegularFile: failed,
  HostFileChanged: failed,
  HostDirectory: failed,
  CheckpointsUnusable: failed,
  HostPlanNotFound: failed,
  CallsNotAwaited: failed,
  PondClosed: failed,
  BodyThrew: failed,
};

export const exitCodeOfError = (error: CliError): ExitCode => CODE_OF_ERROR[error._tag];

/** Tells whether something that was thrown is one of our errors, rather than a bug. */
export const isCliError = (thrown: unknown): thrown is CliError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  typeof thrown._tag === 'string' &&
  Object.hasOwn(CODE_OF_ERROR, thrown._tag);

export const exitCodeOfTasks = (tasks: readonly TaskStatus[]): ExitCode => {
  if (tasks.some(endedBadly)) return EXIT.tasksFailed;
  return tasks.some(isUnfinished) ? EXIT.unfinishedWork : EXIT.done;
};

export const exitCodeOfWrite = <A>(outcome: WriteOutcome<A>): ExitCode => {
  if (outcome._tag === 'Unchanged') return EXIT.done;
  const asItShould = outcome.recorded && outcome.tasksKnown && outcome.durability === 'durable';
  if (!asItShould) return EXIT.tasksFailed;
  // What becomes of deferred tasks is told by whoever runs them.
  if (outcome.deferredTo !== null) return EXIT.done;
  // The same, but for what was rejected: nobody will run that.
  if (outcome.inBackground) return outcome.tasks.some(wasRejected) ? EXIT.tasksFailed : EXIT.done;
  return exitCodeOfTasks([...outcome.tasks, ...outcome.derived.flatMap(({ tasks }) => tasks)]);
};

/** A dry run has done what it was asked to when it has said what it would do. */
export const exitCodeOfRecovery = (report: RecoveryReport): ExitCode => {
  const { dryRun, tasks, remaining, hostPlansProblem } = report;
  if (dryRun) return EXIT.done;
  if (tasks.some(endedBadly)) return EXIT.tasksFailed;
  const left =
    remaining.transactions.filter(({ isRunning }) => !isRunning).length +
    remaining.tasks.length +
    notRecovered(report).length;
  return left > 0 || hostPlansProblem !== null ? EXIT.unfinishedWork : EXIT.done;
};
