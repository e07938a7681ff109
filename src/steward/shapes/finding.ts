import type { ControlFinding } from '../../control/check/control-finding.js';
import type { Elsewhere } from '../../domain/binding.js';
import type { TableFinding } from '../../tlogfs/check/table-finding.js';

/** Findings where the log and the control table meet, and beside both. */
export type PondFinding =
  /** Entries of a replica's log that an interrupted pull has not fetched yet: a checkpoint stands for them. */
  | { readonly _tag: 'HistoryNotPulled'; readonly file: string; readonly versions: number }
  /** A commit that is in the log and not in the control table, though later ones are. */
  | {
      readonly _tag: 'CommitUnknown';
      readonly txnSeq: number;
      readonly txnId: string;
      readonly version: number;
    }
  /** The same of the newest commits: a crash came between. */
  | {
      readonly _tag: 'CommitNotRecorded';
      readonly txnSeq: number;
      readonly txnId: string;
      readonly version: number;
    }
  /** A commit that the control table knows and the log does not: data that was acknowledged is gone. */
  | {
      readonly _tag: 'CommitNotInLog';
      readonly txnSeq: number;
      readonly txnId: string;
      readonly version: number;
    }
  /** A commit that is known to be no longer in the table: an older `data/` was put back, and that was accepted. */
  | { readonly _tag: 'CommitGone'; readonly txnSeq: number; readonly txnId: string }
  | {
      readonly _tag: 'CommitRecordDiffers';
      readonly txnSeq: number;
      readonly column: 'txn_id' | 'data_fs_version' | 'plan_checksum' | 'plan_state';
      readonly logged: string;
      readonly recorded: string;
    }
  /** The tasks that are recorded for a commit are not those of its plan. */
  | {
      readonly _tag: 'TasksDiffer';
      readonly txnSeq: number;
      readonly planned: string;
      readonly recorded: string;
    }
  /** `pond fsck --plans`: the plan, computed again, is another one. */
  | {
      readonly _tag: 'PlanDiffers';
      readonly txnSeq: number;
      readonly recorded: string;
      readonly computed: string;
      readonly registryAsked: 'now' | 'at-commit';
    }
  | { readonly _tag: 'PlansNotChecked'; readonly problem: string }
  /** A host plan that a crash interrupted. */
  | {
      readonly _tag: 'HostPlanAbandoned';
      readonly file: string;
      readonly id: string;
      /** Host paths that recovery might touch. */
      readonly paths: readonly string[];
    }
  /** A host plan of which not everything could be undone. */
  | {
      readonly _tag: 'HostPlanIncomplete';
      readonly file: string;
      readonly id: string;
      readonly failures: number;
      readonly paths: readonly string[];
    }
  | { readonly _tag: 'HostPlanUnreadable'; readonly file: string; readonly id: string }
  /** A host plan that was not made here by this user: recovery leaves it alone. */
  | {
      readonly _tag: 'HostPlanMadeElsewhere';
      readonly file: string;
      readonly id: string;
      readonly paths: readonly string[];
    }
  /** Nobody can tell whether there are checkpoints. */
  | { readonly _tag: 'HostPlansUnreadable'; readonly file: string; readonly problem: string }
  /** A file on its way to the target of an export whose process is gone. */
  | { readonly _tag: 'ExportContentLeft'; readonly file: string }
  /** The same of a file that was not made here by this user: recovery leaves it alone. */
  | { readonly _tag: 'ExportContentMadeElsewhere'; readonly file: string; readonly why: Elsewhere };

/** Something that is not as it should be in a pond. Words are made of it where it is printed. */
export type Finding = TableFinding | ControlFinding | PondFinding;

/**
 * `error`: data or history is damaged, and repairing it may need a backup. `repairable`: what a crash leaves, nothing
 * is lost and a command puts it right. `note`: harmless, and no reason to fail.
 */
export type Severity = 'error' | 'repairable' | 'note';

const SEVERITIES: Readonly<Record<Finding['_tag'], Severity>> = {
  LogMissing: 'error',
  LogEntryMissing: 'error',
  LogCleanedUp: 'note',
  LogEntryUnreadable: 'error',
  LogEntryContradicts: 'error',
  LogEntryNotSupported: 'error',
  LogPackDamaged: 'error',
  CheckpointUnreadable: 'error',
  CheckpointDiffers: 'error',
  LastCheckpointWrong: 'error',
  LastCheckpointMissing: 'note',
  DataFileMissing: 'error',
  DataFileDamaged: 'error',
  DataFileNotSupported: 'error',
  StatisticsWrong: 'error',
  VersionsBroken: 'error',
  RowUnsound: 'error',
  ContentsForgotten: 'note',
  NameInvalid: 'error',
  NameTaken: 'error',
  ParentWrong: 'error',
  ContentDamaged: 'error',
  BlobMissing: 'error',
  BlobDamaged: 'error',
  StorageUnreadable: 'error',
  UnsafeFile: 'error',
  OrphanedBlob: 'repairable',
  OrphanedDataFile: 'repairable',
  StagedLeftover: 'repairable',
  UnknownFile: 'note',

  ControlMissing: 'error',
  ControlUnusable: 'error',
  RecordUnreadable: 'error',
  RecordsIllegal: 'error',
  DerivedStateWrong: 'error',
  PlanDamaged: 'error',
  PlanMissing: 'error',
  ClaimDangling: 'error',
  EpisodeDangling: 'error',
  CancellationDangling: 'error',
  PathRunTwice: 'error',
  DeadRunner: 'repairable',
  RunnerMadeElsewhere: 'note',
  StaleRunnerLock: 'note',
  ProcessGroupLeft: 'note',
  TransactionInterrupted: 'repairable',
  CommitNotCompleted: 'repairable',
  TaskUnfinished: 'repairable',

  HistoryNotPulled: 'repairable',
  CommitUnknown: 'error',
  CommitNotRecorded: 'repairable',
  CommitNotInLog: 'error',
  CommitGone: 'note',
  CommitRecordDiffers: 'error',
  TasksDiffer: 'error',
  PlanDiffers: 'error',
  PlansNotChecked: 'error',
  HostPlanAbandoned: 'repairable',
  HostPlanIncomplete: 'repairable',
  HostPlanUnreadable: 'error',
  HostPlanMadeElsewhere: 'repairable',
  HostPlansUnreadable: 'error',
  ExportContentLeft: 'repairable',
  ExportContentMadeElsewhere: 'note',
};

/** Severity of a finding. */
export const severityOf = ({ _tag }: Finding): Severity => SEVERITIES[_tag];
