import { describeControlError } from '../control/describe-control-error.js';
import { printDuration } from '../domain/duration.js';
import { errnoInWords } from '../domain/errno-in-words.js';
import { quoted } from '../domain/quoted.js';
import { describeFactoryError } from '../factories/describe-factory-error.js';
import { describeNoWorkingSpace } from '../queries/no-working-space.js';
import { describeRemoteFailure } from '../remotes/remote-error.js';
import { describeTinyFsError } from '../tinyfs/describe-tinyfs-error.js';
import { describeEntryError } from './describe-plan.js';
import type { PondError } from './errors.js';

const NOT_A_POND = {
  nothing: 'is not a pond',
  file: 'is a file, and a pond is a directory',
  table: "has a table, a remote's or another program's, and no _pond.json, which a pond in a store has",
};

/**
 * An error as one sentence for people, without a full stop: what is wrong, and with which file, key or number. What
 * can be done about it is the command line's to say.
 */
export const describeError = (error: PondError): string => {
  switch (error._tag) {
    case 'UnknownFactory':
    case 'ModeNotSupported':
    case 'InvalidYaml':
    case 'InvalidConfig':
    case 'VariableNotSet':
    case 'FactoryFailed':
    case 'FactoryModuleFailed':
    case 'NotTrusted':
      return describeFactoryError(error);
    case 'ControlMissing':
    case 'ControlUnusable':
    case 'ControlFailed':
    case 'ControlUnreadable':
    case 'ControlReadOnly':
    case 'ControlInUse':
    case 'PondTooNew':
    case 'StaleToken':
    case 'TaskNotFound':
      return describeControlError(error);

    case 'CorruptData':
    case 'UnsupportedData':
    case 'TransactionEnded':
    case 'ContentForgotten':
    case 'StorageFailed':
    case 'UnsafeFile':
    case 'InvalidPath':
    case 'InvalidArgument':
    case 'PathNotFound':
    case 'PathExists':
    case 'NotADirectory':
    case 'IsADirectory':
    case 'DirectoryNotEmpty':
    case 'SymlinkLoop':
    case 'WrongEntryType':
    case 'InvalidEventTimes':
    case 'NotDynamic':
    case 'ReadOnlyPath':
    case 'RootRefused':
    case 'MoveIntoItself':
    case 'VersionNotFound':
    case 'ConfigTooLarge':
    case 'InvalidPattern':
    case 'DynamicNodeFailed':
    case 'CyclicContent':
    case 'TransactionNotFound':
    case 'ChangedSince':
    case 'SchemaConflict':
    case 'NotParquet':
    case 'NotASeries':
    case 'SeriesUnreadable':
      return describeTinyFsError(error);

    case 'GateRefused':
      return `nothing was committed: ${error.gates.map(({ path, message }) => `${path}: ${message}`).join('\n')}`;

    case 'NotAPond':
      return `${error.path} ${NOT_A_POND[error.found ?? 'nothing']}`;
    case 'PondExists':
      return error.found === 'table'
        ? `${error.path} has a table already, a remote's or another program's`
        : `${error.path} is a pond already`;
    case 'UnsupportedTable':
      return `${error.path} is in order, but not supported: ${error.problem}`;
    case 'CommitForgotten':
      return `the log entry of transaction ${error.txnSeq} is gone from ${error.path}: another engine removed it; its data is still there, what followed it is no longer known`;
    case 'CommitGone':
      return `transaction ${error.txnSeq} is no longer in the table: an older data/ was put back after it`;
    case 'VersionTaken':
      return `${error.path}: version ${error.version} was written by a program that does not take the writer's lock; nothing was changed`;
    case 'CommitUnclear':
      return `it is not known whether the commit has landed: ${error.problem}`;
    case 'LockLost':
      return `${error.path}: the writer's lock was lost before the commit: the connection to the database ended, or this process was held up and somebody else took it; nothing was changed`;
    case 'Conflict':
      return `${error.path}: version ${error.version} was written meanwhile by somebody who did not have the writer's lock, and what this command read cannot be read again; nothing was changed`;
    case 'NotForSharedPonds':
      return `${error.call} is not for a pond in a store: ${error.reason}`;
    case 'TableInUse':
      return `${error.path}: ${error.workers.length === 1 ? 'somebody works' : `${error.workers.length} others work`} with the control table that it names, which is not put aside meanwhile: ${error.workers
        .map(({ host, pid, command }) => `${command} (process ${pid}${host === null ? '' : ` on ${host}`})`)
        .join(', ')}`;
    case 'NotAFleet':
      return `${error.path} has no control table in PostgreSQL, from which many machines could take its tasks`;
    case 'PondFileUnusable':
      return `${error.path}: ${error.problem}`;
    case 'InvalidControl':
      return error.address === ''
        ? error.problem
        : `${error.address} is not the address of a control table: ${error.problem}`;

    case 'StoreFailed':
    case 'ObjectMissing':
    case 'ConditionFailed':
    case 'InvalidPlace':
    case 'BudgetSpent':
    case 'ConditionsIgnored':
    case 'NotARemote':
    case 'OtherPond':
    case 'Diverged':
    case 'RemoteDamaged':
    case 'NotWhole':
    case 'RemoteTooLarge':
      return describeRemoteFailure(error);
    case 'IsReplica':
      return error.isUnfinished
        ? `${error.path} is not complete: fetching it from ${error.origin} was interrupted`
        : `${error.path} is a replica of ${error.origin}: it takes no writes`;
    case 'NotAReplica':
      return `${error.path} is not a replica: it has nowhere to pull from`;
    case 'RemoteExists':
      return `there is a remote ${quoted(error.name)} already, ${error.url}`;
    case 'NoSuchRemote':
      return error.name === null
        ? 'this pond has no remote'
        : `this pond has no remote ${quoted(error.name)}${error.known.length === 0 ? '' : `, but ${error.known.join(', ')}`}`;
    case 'QueryFailed':
      return `the query failed: ${error.message}`;
    case 'NoWorkingSpace':
      return describeNoWorkingSpace(error);
    case 'LockFailed':
      return `${error.path}: the lock cannot be used: ${error.message}`;
    case 'PondLocked':
      return `${error.path} is locked ${holder(error.holder)}; waited ${printDuration(error.waitedMs)}`;
    case 'Interrupted':
      return `interrupted (${error.call}): nothing was committed`;
    case 'TransferInterrupted':
      return `interrupted (${error.store}): what has arrived is kept, and the same command goes on from there`;
    case 'NoCommitYet':
      return `there was no commit yet at ${new Date(error.timestamp / 1000).toISOString()}`;
    case 'WrongOrder':
      return `transaction ${error.from} is newer than ${error.to}: the older one comes first`;
    case 'CallsNotAwaited':
      return `the body of the write has ended while ${error.calls.join(', ')} had not: await every call; nothing was committed`;
    case 'PondClosed':
      return `${error.directory} has been closed, so ${error.call} cannot be done`;
    case 'BodyThrew':
      return `internal error, nothing was committed: ${error.message}`;
    case 'RefusedInsideTask':
      return error.task === null
        ? `${error.call} is refused: it would run the same entry within itself`
        : `${error.call} is refused inside task ${error.task} of the same pond: it would run the task within itself, or wait for it`;
    case 'RefusedInsideWrite':
      return `${error.path}: a write inside a write of the same pond is refused: it would wait for the lock that process ${error.pid}${error.command === '' ? '' : ` (${error.command})`} holds until it has ended`;
    case 'NotRetryable':
      return `task ${error.task} is ${error.state}; only failed, skipped, cancelled and dismissed tasks can be retried`;
    case 'NotCancellable':
      return `task ${error.task} is ${error.state}; only pending and running tasks can be cancelled`;
    case 'NotDismissable':
      return error.pid === null
        ? `task ${error.task} is ${error.state}; only failed, cancelled and unfinished tasks can be dismissed`
        : `task ${error.task} is held by process ${error.pid}, which is running still`;
    case 'InvalidSetting':
      return error.key === ''
        ? `${error.path}: ${error.problem}`
        : `${error.path}: ${error.key}: ${error.problem}`;
    case 'EntryRejected':
      return error.errors.map((entryError) => describeEntryError(error.path, entryError)).join('\n');
    case 'NotExecutable':
      return `${error.path} has no executable factory: it is a ${error.found}`;
    case 'HostFileFailed':
      return error.code === 'ENOENT'
        ? `host file ${error.path}: there is no such file or directory`
        : `host file ${error.path}: ${error.call} failed: ${errnoInWords(error.code)}`;
  }
};

const holder = (of: { readonly pid: number; readonly command: string } | null): string =>
  of === null ? 'by another process' : `by process ${of.pid}${of.command === '' ? '' : ` (${of.command})`}`;
