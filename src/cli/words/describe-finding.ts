import { DROP_FEATURES } from '../../documents/remedy.js';
import { describeElsewhere } from '../../domain/describe-elsewhere.js';
import { describeInstead } from '../../ports/describe-instead.js';
import type { Finding } from '../../steward/shapes/finding.js';
import type { RowPlace, RowProblem } from '../../tlogfs/check/table-finding.js';
import { byteSize, counted } from './print-values.js';

/** Describes what a check found, in words. */
export const describeFinding = (finding: Finding): string => {
  switch (finding._tag) {
    case 'LogMissing':
      return `${finding.file}: the log is gone, and there is data`;
    case 'LogEntryMissing':
      return `${finding.file}: version ${finding.version} of the log is missing${
        finding.more === undefined ? '' : `, and so are the ${finding.more} that come next`
      }`;
    case 'HistoryNotPulled':
      return `${finding.file}: a pull that was interrupted has not fetched the entries of ${counted(finding.versions, 'version')} yet; no data is missing`;
    case 'LogEntryUnreadable':
      return `${finding.file}: version ${finding.version} of the log cannot be read: ${finding.problem}`;
    case 'LogEntryContradicts':
      return `${finding.file}: version ${finding.version} contradicts the versions before it: ${finding.problem}`;
    case 'LogEntryNotSupported':
      return `${finding.file}: in order, but not supported from version ${finding.version} on: ${finding.problem}`;
    case 'CheckpointUnreadable':
      return `${finding.file}: the checkpoint cannot be read: ${finding.problem}`;
    case 'CheckpointDiffers':
      return `${finding.file}: the checkpoint is not what the log says: ${finding.problem}`;
    case 'LastCheckpointWrong':
      return `${finding.file}: ${finding.problem}`;
    case 'LogCleanedUp':
      return `${finding.file}: another engine removed the entries before version ${finding.version}; no data is lost, the history of those commits is`;
    case 'ContentsForgotten':
      return `${counted(finding.contents, 'content')} of old versions ${finding.contents === 1 ? 'is' : 'are'} forgotten, last on ${finding.since}: what only states before transaction ${finding.before} show cannot be read any more`;
    case 'LastCheckpointMissing':
      return `${finding.file}: missing, though there are checkpoints; opening the pond takes longer`;
    case 'DataFileMissing':
      return `${finding.file}: missing; the rows in it are lost`;
    case 'LogPackDamaged':
      return `${finding.file}: ${finding.problem}; no data is lost, the history of the commits in it is`;
    case 'DataFileDamaged':
      return `${finding.file}: damaged: ${finding.problem}`;
    case 'DataFileNotSupported':
      return `${finding.file}: in order, but not supported: ${finding.problem}`;
    case 'StatisticsWrong':
      return `${finding.file}: what is said of its rows is wrong: ${finding.problem}`;
    case 'VersionsBroken':
      return `${place(finding)}: version ${finding.version} where ${finding.expected} was to come`;
    case 'RowUnsound':
      return `${place(finding)}, version ${finding.version}: ${ROW_PROBLEMS[finding.problem]}`;
    case 'NameInvalid':
      return `${place(finding)}: ${JSON.stringify(finding.name)} is not a name`;
    case 'NameTaken':
      return `${finding.path ?? finding.name}: ${counted(finding.nodeIds.length, 'entry', 'entries')} of that name`;
    case 'ParentWrong':
      return `${place(finding)}: its directory ${finding.parentId} ${PARENT_PROBLEMS[finding.problem]}`;
    case 'ContentDamaged':
      return `${place(finding)}, version ${finding.version}: the content is damaged: ${finding.problem}`;
    case 'BlobMissing':
      return `${place(finding)}, version ${finding.version}: its content ${finding.file} is missing`;
    case 'BlobDamaged':
      return `${place(finding)}, version ${finding.version}: its content ${finding.file} is damaged: ${finding.problem}`;
    case 'StorageUnreadable':
      return `${finding.file}: cannot be read (${finding.call}: ${finding.code})`;
    case 'UnsafeFile':
      return `${finding.file} ${describeInstead(finding.found)}`;
    case 'OrphanedBlob':
      return `${finding.file}: nothing refers to it (${byteSize(finding.bytes)})`;
    case 'OrphanedDataFile':
      return `${finding.file}: no version of the log refers to it (${byteSize(finding.bytes)})`;
    case 'StagedLeftover':
      return `${finding.file}: left by a write that did not end (${byteSize(finding.bytes)})`;
    case 'UnknownFile':
      return `${finding.file}: not a file of the pond's`;

    case 'ControlMissing':
      return `${finding.file}: the control table is missing`;
    case 'ControlUnusable':
      return `${finding.file}: the control table cannot be used: ${finding.problem}`;
    case 'RecordUnreadable':
      return `control record ${finding.recordId ?? '?'} cannot be read: ${finding.problem}`;
    case 'RecordsIllegal':
      return `${finding.task === null ? `transaction ${finding.txnId}` : `task ${finding.task}`}: record ${finding.recordId} (${finding.recordType}) cannot follow ${finding.after ?? 'nothing'}: ${RECORD_PROBLEMS[finding.problem]}`;
    case 'DerivedStateWrong':
      return `${finding.table}: ${finding.of} is ${finding.derived}, and ${finding.recorded} by its records`;
    case 'PlanDamaged':
      return `the stored plan ${finding.checksum} is damaged: ${finding.problem}`;
    case 'PlanMissing':
      return `the plan ${finding.checksum} of commit ${finding.txnSeq} is not stored`;
    case 'ClaimDangling':
      return `claim ${finding.token} of task ${finding.task} by runner ${finding.runnerId}: there is no such ${finding.missing}`;
    case 'CancellationDangling':
      return `task ${finding.task} is to be ended: there is no such task`;
    case 'EpisodeDangling':
      return `${finding.notifier} has told of failures of ${finding.watched} from task ${finding.task} on: there is no such task`;
    case 'PathRunTwice':
      return `${finding.path}: tasks ${finding.tasks.join(' and ')} run at the same time`;
    case 'DeadRunner':
      return `runner ${finding.runnerId} (process ${finding.pid}, ${finding.command}) is dead and holds ${counted(finding.claims, 'claim')}`;
    case 'RunnerMadeElsewhere':
      return `runner ${finding.runnerId} (process ${finding.pid}, ${finding.command}) was made elsewhere and is left alone: ${describeElsewhere(finding.why)}`;
    case 'StaleRunnerLock':
      return `${finding.file}: the lock file of a runner that has ended`;
    case 'ProcessGroupLeft':
      return `${finding.path}: process group ${finding.pgid} was left behind; the next attempt ends what is left of it`;
    case 'TransactionInterrupted':
      return `the ${finding.transactionType} ${finding.txnId} was interrupted`;
    case 'CommitNotCompleted':
      return `commit ${finding.txnSeq}: its tasks have ended, its end is not recorded`;
    case 'TaskUnfinished':
      return `task ${finding.task} of ${finding.path} is ${finding.state}, and nobody runs it`;

    case 'CommitUnknown':
      return `commit ${finding.txnSeq} (version ${finding.version}) is not in the control table`;
    case 'CommitNotRecorded':
      return `commit ${finding.txnSeq} (version ${finding.version}) landed and is not recorded yet`;
    case 'CommitNotInLog':
      return `commit ${finding.txnSeq} is recorded as version ${finding.version}, and the log does not have it`;
    case 'CommitGone':
      return `commit ${finding.txnSeq} is no longer in the table: an older data/ was put back after it`;
    case 'CommitRecordDiffers':
      return `commit ${finding.txnSeq}: ${finding.column} is ${finding.logged} in the log and ${finding.recorded} in the control table`;
    case 'TasksDiffer':
      return `commit ${finding.txnSeq}: its plan has the tasks ${finding.planned}; recorded are ${finding.recorded}`;
    case 'PlanDiffers':
      return `commit ${finding.txnSeq}: recorded ${finding.recorded}, computed ${finding.computed}${
        finding.registryAsked === 'now' ? ' (what the registry said then is not known any more)' : ''
      }`;
    case 'PlansNotChecked':
      return `the plans could not be computed again: ${finding.problem}`;
    case 'HostPlanAbandoned':
      return `${finding.file}: the host plan ${finding.id} was interrupted; recovery may touch ${pathsIn(finding.paths)}`;
    case 'HostPlanIncomplete':
      return `${finding.file}: of the host plan ${finding.id} ${counted(finding.failures, 'operation')} could not be undone; recovery may touch ${pathsIn(finding.paths)}`;
    case 'HostPlanUnreadable':
      return `${finding.file}: the checkpoint of the host plan ${finding.id} cannot be read`;
    case 'HostPlanMadeElsewhere':
      return `${finding.file}: the host plan ${finding.id} was made elsewhere and is left alone; it names ${pathsIn(finding.paths)}`;
    case 'HostPlansUnreadable':
      return `${finding.file}: the checkpoints of host plans cannot be looked at: ${finding.problem}`;
    case 'ExportContentLeft':
      return `${finding.file}: a file on its way to the target of an export, whose process is gone`;
    case 'ExportContentMadeElsewhere':
      return `${finding.file}: a file on its way to the target of an export was made elsewhere and is left alone: ${describeElsewhere(finding.why)}`;
  }
};

const pathsIn = (paths: readonly string[]): string => (paths.length === 0 ? 'nothing' : paths.join(', '));

const place = ({ path, nodeId }: RowPlace): string => path ?? `node ${nodeId}`;

const ROW_PROBLEMS: Readonly<Record<RowProblem, string>> = {
  'no-digest': 'it has a content and no digest of it',
  'no-content-before': 'it keeps the content of the version before, and there is none',
  'differs-from-content': 'size or digest are not those of the content that it keeps',
  'forgotten-and-needed': 'its content is forgotten, and the entry shows it now',
  'dynamic-not-inline': 'the configuration of a dynamic node is not in the row',
  'configuration-too-large': 'the configuration is larger than 1 MiB',
  'type-changes': 'it has another entry type than the version before',
  'transaction-decreases': 'it is of an earlier transaction than the version before',
  'unknown-transaction': 'it is of a transaction that the log does not know',
  'other-transaction': 'it is of another transaction than its file',
  'other-pond': 'it is a row of another pond',
  'event-times-reversed': 'its event times end before they begin',
  'attributes-unreadable': 'its attributes are not JSON',
  'moved-without-tombstone': 'it is in another directory than the version before, which did not end there',
  'follows-tombstone': 'the entry had ended before',
};

const PARENT_PROBLEMS = {
  missing: 'never was',
  removed: 'was removed',
  'no-directory': 'is not a directory',
  cycle: 'lies within itself',
} as const;

const RECORD_PROBLEMS = {
  'not-allowed-here': 'such a record cannot stand there',
  'wrong-attempt': 'its attempt is not the next one',
  'columns-missing': 'columns are missing',
  'no-commit': 'a task of a transaction that did not commit',
  'unknown-transaction': 'a task of a transaction that never began',
} as const;

const RESTORE_CONTROL =
  'restore control/ from a backup, or move control/control.db away and run pond rebuild-control';

/** Returns what can be done about a finding; null where nothing is to be done. */
export const remedyForFinding = (finding: Finding): string | null => {
  switch (finding._tag) {
    case 'LogMissing':
    case 'LogEntryMissing':
    case 'LogEntryUnreadable':
    case 'LogEntryContradicts':
    case 'LogPackDamaged':
    case 'DataFileMissing':
    case 'DataFileDamaged':
    case 'StatisticsWrong':
      return 'restore it from a backup of the pond';
    case 'BlobMissing':
    case 'BlobDamaged':
      return 'restore it from a backup of the pond, or copy the same file in again with --always';
    case 'CommitNotInLog':
      return 'put the newer data/ back, or take this one as it is: pond recover';
    case 'LogEntryNotSupported':
      return `${DROP_FEATURES}; where files of another table are named, let it compact this one`;
    case 'DataFileNotSupported':
      return 'let the engine that wrote it compact the table again, compressed by snappy or zstd';
    case 'VersionsBroken':
    case 'RowUnsound':
    case 'NameInvalid':
    case 'NameTaken':
    case 'ParentWrong':
    case 'ContentDamaged':
      return 'restore data/ from a backup, or write the entry again: pond rm and pond copy';
    case 'CheckpointUnreadable':
    case 'CheckpointDiffers':
    case 'LastCheckpointWrong':
    case 'LastCheckpointMissing':
      return 'pond maintain writes a new checkpoint';
    case 'HistoryNotPulled':
      return 'pond pull fetches them';
    case 'OrphanedBlob':
    case 'OrphanedDataFile':
    case 'StagedLeftover':
      return 'pond maintain removes it; so does pond recover';
    case 'UnsafeFile':
      return "look at what stands there, and put the pond's own file back or remove it";
    case 'StorageUnreadable':
    case 'HostPlansUnreadable':
      return 'look at the permissions and at the disk';
    case 'ControlMissing':
    case 'ControlUnusable':
    case 'CommitUnknown':
      return 'pond rebuild-control';
    case 'CommitRecordDiffers':
      return finding.column === 'txn_id' ? 'pond rebuild-control' : RESTORE_CONTROL;
    case 'RecordUnreadable':
    case 'RecordsIllegal':
    case 'DerivedStateWrong':
    case 'PlanDamaged':
    case 'PlanMissing':
    case 'ClaimDangling':
    case 'CancellationDangling':
    case 'EpisodeDangling':
    case 'TasksDiffer':
      return RESTORE_CONTROL;
    case 'PathRunTwice':
      return 'end one of the two processes; then pond recover';
    case 'DeadRunner':
    case 'StaleRunnerLock':
    case 'TransactionInterrupted':
    case 'CommitNotCompleted':
    case 'CommitNotRecorded':
    case 'TaskUnfinished':
    case 'HostPlanAbandoned':
    case 'HostPlanIncomplete':
    case 'ExportContentLeft':
      return 'pond recover';
    case 'RunnerMadeElsewhere':
    case 'ExportContentMadeElsewhere':
      return 'pond recover --adopt shows it and removes it';
    case 'HostPlanMadeElsewhere':
      return `pond host recover --adopt ${finding.id}, once you have looked at its paths, or --discard ${finding.id}`;
    case 'HostPlanUnreadable':
      return 'pond host checkpoints shows it; undo by hand what it did, then remove it';
    case 'PlanDiffers':
      return `pond plan ${finding.txnSeq} shows what was computed`;
    case 'UnknownFile':
      return 'remove it by hand if nobody needs it';
    case 'CommitGone':
    case 'ContentsForgotten':
    case 'LogCleanedUp':
    case 'PlansNotChecked':
    case 'ProcessGroupLeft':
      return null;
  }
};
