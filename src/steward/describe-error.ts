import { describeControlError } from '../control/describe-control-error.js';
import { printDuration } from '../domain/duration.js';
import type { InvalidPath } from '../domain/paths/pond-path.js';
import type { SchemaConflict } from '../domain/series/series-fit.js';
import type { EntryType } from '../domain/tree/node-row.js';
import { describeFactoryError, describeKeyError } from '../factories/describe-factory-error.js';
import type { FoundInstead } from '../ports/file-system.js';
import { describeRemoteFailure } from '../remotes/remote-error.js';
import { describeEntryError } from './describe-plan.js';
import type { PondError } from './errors.js';

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

    case 'InvalidArgument':
      return `${error.call}: ${error.errors.map(describeKeyError).join('; ')}`;
    case 'GateRefused':
      return `nothing was committed: ${error.gates.map(({ path, message }) => `${path}: ${message}`).join('\n')}`;
    case 'InvalidPath':
      return `${shown(error.path)} is not a path in a pond: ${PATH_PROBLEMS[error.problem]}`;
    case 'InvalidPattern':
      return `${shown(error.pattern)} is not a pattern: ${error.problem}`;
    case 'PathNotFound':
      return error.missing === '' || error.path.endsWith(`/${error.missing}`) || error.path === error.missing
        ? `${error.path}: there is nothing at that path`
        : `${error.path}: there is no ${shown(error.missing)} on the way`;
    case 'PathExists':
      return `${error.path} exists already: it is a ${NAMES[error.entryType]}`;
    case 'NotADirectory':
      return `${error.path} is a ${NAMES[error.entryType]}, not a directory`;
    case 'IsADirectory':
      return `${error.path} is a directory, not a file`;
    case 'DirectoryNotEmpty':
      return `${error.path}: the directory is not empty`;
    case 'SymlinkLoop':
      return `${error.path}: more than 40 symlinks on the way, so they form a loop`;
    case 'WrongEntryType':
      return `${error.path} is a ${NAMES[error.found]} and cannot be written as a ${NAMES[error.expected]}`;
    case 'NotDynamic':
      return `${error.path} is a ${NAMES[error.entryType]}; it has no factory and no configuration`;
    case 'ReadOnlyPath':
      return `${error.path} is made by the factory ${shown(error.factory)}; nothing can be written there`;
    case 'RootRefused':
      return `/ cannot be ${{ remove: 'removed', rename: 'renamed', write: 'written', copy: 'copied' }[error.call]}`;
    case 'MoveIntoItself':
      return `${error.from} cannot be moved into itself (${error.to})`;
    case 'InvalidEventTimes':
      return `${error.path}: event times are whole microseconds within 64 bits, the first not after the last; got ${error.min} and ${error.max}`;
    case 'ChangedSince':
      return [
        `transaction ${error.txnSeq} cannot be reverted: changed since`,
        ...error.paths.map(changedSince),
      ].join('\n  ');
    case 'VersionNotFound':
      return `${error.path} has no version ${error.version}`;
    case 'ConfigTooLarge':
      return `${error.path}: a configuration of ${error.size} bytes or more is too large; the limit is ${error.limit} bytes`;
    case 'DynamicNodeFailed':
      return `${error.path}: the factory ${shown(error.factory)} could not make its content: ${error.message}`;
    case 'CyclicContent':
      return `${error.path} is made of itself: ${error.cycle.join(' -> ')}`;

    case 'CorruptData':
      return `${error.path} is damaged: ${error.problem}`;
    case 'UnsupportedData':
      return `${error.path} is in order, but not supported: ${error.problem}`;
    case 'ContentForgotten':
      return `${error.path}: the content of version ${error.version} is forgotten since ${new Date(error.since / 1000).toISOString()}: what only states before transaction ${error.before} show was given up for its space`;
    case 'UnsafeFile':
      return `${error.path} ${describeInstead(error.found)}`;
    case 'StorageFailed':
      return `${error.path}: ${error.call} failed: ${inWords(error.code)}`;
    case 'NotAPond':
      return `${error.path} is not a pond`;
    case 'PondExists':
      return `${error.path} is a pond already`;
    case 'UnsupportedTable':
      return `${error.path} is in order, but not supported: ${error.problem}`;
    case 'CommitForgotten':
      return `the log entry of transaction ${error.txnSeq} is gone from ${error.path}: another engine removed it; its data is still there, what followed it is no longer known`;
    case 'CommitGone':
      return `transaction ${error.txnSeq} is no longer in the table: an older data/ was put back after it`;
    case 'TransactionNotFound':
      return `there is no transaction ${error.txnSeq}; the last one is ${error.lastTxnSeq}`;
    case 'VersionTaken':
      return `${error.path}: version ${error.version} was written by a program that does not take the writer's lock`;
    case 'CommitUnclear':
      return `it is not known whether the commit has landed: ${error.problem}`;
    case 'Conflict':
      return `${error.path}: version ${error.version} was written meanwhile by somebody who did not have the writer's lock, and what this command read cannot be read again; nothing was changed`;
    case 'NotForSharedPonds':
      return `${error.call} is not for a pond in a store: ${error.reason}`;
    case 'PondFileUnusable':
      return `${error.path}: ${error.problem}`;
    case 'InvalidControl':
      return `${error.address} is not the address of a control table: ${error.problem}`;

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
    case 'NoSuchRemote':
      return error.name === null
        ? 'this pond has no remote'
        : `this pond has no remote ${shown(error.name)}${error.known.length === 0 ? '' : `, but ${error.known.join(', ')}`}`;
    case 'QueryFailed':
      return `the query failed: ${error.message}`;
    case 'NoWorkingSpace':
      return error.code === 'ENOTSUP'
        ? 'a pond in memory has no directory for the files of the query engine: SQL and the factory validate need a pond on disk'
        : `${error.path}: no directory for temporary files can be made: ${inWords(error.code)}`;
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
    case 'BodyThrew':
      return `internal error, nothing was committed: ${error.message}`;
    case 'RefusedInsideTask':
      return error.task === null
        ? `${error.call} is refused: it would run the same entry within itself`
        : `${error.call} is refused inside task ${error.task} of the same pond: it would run the task within itself, or wait for it`;
    case 'RefusedInsideWrite':
      return `${error.path}: a write inside a write of the same pond is refused: it would wait for the lock that process ${error.pid} (${error.command}) holds until it has ended`;
    case 'NotRetryable':
      return `task ${error.task} is ${error.state}; only failed, skipped and dismissed tasks can be retried`;
    case 'NotDismissable':
      return error.pid === null
        ? `task ${error.task} is ${error.state}; only failed and unfinished tasks can be dismissed`
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
      return `host file ${error.path}: ${error.call} failed: ${inWords(error.code)}`;
    case 'NotParquet':
      return `${error.path} cannot be taken as Parquet: ${error.problem}`;
    case 'SchemaConflict':
      return `${error.path}: ${describeConflict(error)}`;
    case 'SeriesUnreadable':
      return `${error.path}: its versions cannot be read as one table: ${error.problem}`;
    case 'NotASeries':
      return `${error.path} is a ${NAMES[error.entryType]}, not a series`;
  }
};

/** Describes what does not fit, with the column and both types. */
const describeConflict = ({ column, expected, found, reason }: SchemaConflict): string => {
  const name = shown(column);
  switch (reason) {
    case 'time-column':
      return found === null
        ? `the column ${name}, which has the event times of this series, is not in what was to be appended`
        : `the column ${name}, which has the event times of this series, is ${found} in what was to be appended and holds no times`;
    case 'new-column':
      return `the schema of this series is strict, and ${name} (${found}) is a new column`;
    case 'missing-column':
      return `the schema of this series is strict, and its column ${name} (${expected}) is missing`;
    case 'wider':
      return `the schema of this series is strict: its column ${name} is ${expected}, and ${found} in what was to be appended`;
    case 'zone':
    case 'unit':
    case 'type':
      return `the column ${name} is ${expected} in this series and ${found} in what was to be appended`;
  }
};

const changedSince = ({ path, by }: { readonly path: string; readonly by: number | null }): string =>
  by === null ? `${path}, which is gone` : `${path}, by transaction ${by}`;

/** Kind of thing that a pond finds in the place of a file or directory of its own. */
const INSTEAD: Readonly<Record<FoundInstead, string>> = {
  symlink: 'is a symlink: nothing in a pond is reached through symlinks',
  'dangling-symlink': 'is a symlink that leads nowhere',
  directory: 'is a directory, where a file of the pond belongs',
  file: 'is a file, where a directory of the pond belongs',
  special: 'is a pipe, socket or device, where a file of the pond belongs',
  other: 'is a pipe, socket or device, where a file of the pond belongs',
  outside: 'is a name that leads out of the pond',
  'too-large': 'is larger than such a file ever is',
};

export const describeInstead = (found: FoundInstead): string => INSTEAD[found];

const PATH_PROBLEMS: Readonly<Record<InvalidPath['problem'], string>> = {
  empty: 'it is empty',
  'not-text': 'it is not a string',
  'not-absolute': 'it does not begin with /',
  'parent-traversal': '.. is not allowed',
  'nul-byte': 'it contains a NUL byte',
  'not-unicode': 'it contains half of a surrogate pair, which is not Unicode text',
  'name-too-long': 'a name in it has more than 255 bytes',
  'path-too-long': 'it has more than 4096 bytes',
};

const NAMES: Readonly<Record<EntryType, string>> = {
  file: 'file',
  table: 'table',
  series: 'series',
  directory: 'directory',
  symlink: 'symlink',
  'file:dynamic': 'dynamic file',
  'directory:dynamic': 'dynamic directory',
};

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or directory',
  ESPIPE: 'not a regular file',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'exists already',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'larger than a file may be',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
  EILSEQ: 'the name is not UTF-8',
  EMFILE: 'too many open files',
  ELOOP: 'too many symlinks',
  ENAMETOOLONG: 'the name is too long',
};

const inWords = (code: string): string =>
  MEANINGS[code] === undefined ? code : `${MEANINGS[code]} (${code})`;

const holder = (of: { readonly pid: number; readonly command: string } | null): string =>
  of === null ? 'by another process' : `by process ${of.pid} (${of.command})`;

/** Control characters never reach a terminal as they are. */
const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
