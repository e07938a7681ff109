import { remedyForControlError } from '../control/describe-control-error.js';
import { isStoreAddress } from '../domain/pond-address.js';
import { quoted } from '../domain/quoted.js';
import { isUsualNull } from '../domain/series/null-words.js';
import { quotedShellWord, shellWord } from '../domain/shell-word.js';
import type { PondError } from '../steward/errors.js';
import type { CommitNotRecorded } from './timeline-of-commit.js';

/** Remedy for a table that another engine has raised to a version of Delta Lake that a pond does not have. */
export const DROP_FEATURES =
  'let the engine that raised it take the table features away again (in Spark: ALTER TABLE ... DROP FEATURE); nothing that was in the pond is lost';

/** Returns what can be done about an error of a pond, as a phrase that follows "try"; null where there is nothing general to say. */
export const remedyForPondError = (error: PondError | CommitNotRecorded): string | null => {
  switch (error._tag) {
    case 'InvalidPath':
      return 'write paths in the pond from its root, such as /in/data.csv';
    case 'PathNotFound':
      return error.lacksParent === true
        ? 'pond list shows what is there; pond mkdir -p makes missing parents'
        : 'pond list shows what is there';
    case 'PathExists':
      return 'choose another path, or replace it with --overwrite where the command has it';
    case 'IsADirectory':
      return `name a file in it, or all of it: ${quotedShellWord(`${error.path === '/' ? '' : error.path}/**`)}`;
    case 'DirectoryNotEmpty':
      return `pond rm -r ${shellWord(error.path)}`;
    case 'WrongEntryType':
      return wrongType(error.found);
    case 'ReadOnlyPath':
      return 'change the configuration of the node that makes it: pond mknod ... --overwrite';
    case 'GateRefused':
      return 'put right what they name; --no-gates commits all the same, and the commit says so';
    case 'InvalidConfig':
      return error.errors.some(({ key }) => key === 'schedule') && !error.path.startsWith('/etc/schedule.d/')
        ? 'what has a schedule stands in /etc/schedule.d'
        : null;
    case 'UnknownFactory':
      return 'pond factories describes them; bring your own with --factories ./mine.js';
    case 'RemoteExists':
      return 'use another name, or --replace where this one is to lead elsewhere from now on';
    case 'NoSuchRemote':
      return 'pond remote add NAME s3://bucket/prefix';
    case 'IsReplica':
      return error.isUnfinished
        ? 'repeat the pond restore or pond replicate that made it'
        : `pond promote ${shellWord(error.path)} makes it a pond that takes writes; until then pond pull brings what is new`;
    case 'NotAReplica':
      return 'pond push sends a pond to its remotes';
    case 'ConditionsIgnored':
      return 'use a store that heeds If-None-Match: Amazon S3, versitygw, MinIO, a directory (file:///srv/backup)';
    case 'BudgetSpent':
      return 'go on tomorrow, or raise --max-bytes and --max-requests';
    case 'NotWhole':
      return 'restore one of those, or the newest without --at';
    case 'Diverged':
      return 'pond verify compares them; push to another place to keep both histories';
    case 'NotAPond':
      if (error.found === 'file') return 'name a directory with --pond or $POND';
      if (error.found === 'table')
        return `of a remote, pond restore ${shellWord(error.path)} DIR makes a pond in a directory; where a pond took writes there, put its _pond.json back`;
      return `pond init makes a new pond ${isStoreAddress(error.path) ? 'there, with --control postgres://host/database' : 'in the directory that --pond or $POND names'}`;
    case 'PondExists':
      return isStoreAddress(error.path)
        ? 'choose another prefix with --pond'
        : 'choose another directory with --pond';
    case 'UnsupportedTable':
      return DROP_FEATURES;
    case 'PondTooNew':
      return 'install the newest version of pond-steward';
    case 'VersionTaken':
      return 'do it again; let other programs, such as one that compacts the table, write while nobody writes with pond';
    case 'ControlInUse':
    case 'PondLocked':
      return 'wait longer with --lock-timeout 60s';
    case 'ControlMissing':
    case 'ControlUnusable':
    case 'ControlFailed':
    case 'TaskNotFound':
      return remedyForControlError(error);
    case 'StorageFailed':
    case 'HostFileFailed':
    case 'NoWorkingSpace':
      return FULL.has(error.code) ? 'make room, then do it again' : null;
    case 'TableInUse':
      return "end them, then do it again; where this store is a copy that names its original's table, give it one of its own with --control";
    case 'NotAFleet':
      return 'run them with pond serve, or pond work';
    case 'RemoteTooLarge':
      return 'where the pond is that old, restore, replicate, pull and verify take --max-log';
    case 'TransactionNotFound':
    case 'CommitGone':
      return 'pond control lists the transactions';
    case 'ChangedSince':
      return `pond log ${shellWord(error.paths[0]?.path ?? '/')} shows what came later: undo that first, or name only the other paths; --force undoes it all the same, and what came later is lost`;
    case 'ContentForgotten':
      return 'pond versions shows what is still there; a remote that was pushed to before may have the content: pond restore URL DIR --at N';
    case 'VersionNotFound':
      return `pond versions ${shellWord(error.path)}`;
    case 'UnsupportedData':
      return 'let the engine that wrote it compact the table again, compressed by snappy or zstd; nothing is lost';
    case 'CommitNotRecorded':
      return 'pond recover records it';
    case 'NotRetryable':
      return error.state === 'completed' ? null : 'pond recover runs unfinished tasks';
    case 'NotDismissable':
      return error.pid === null
        ? null
        : `wait for it, or end it: pond control cancel ${shellWord(error.task)}`;
    case 'RefusedInsideTask':
      return `run pond ${error.call} outside`;
    case 'VariableNotSet':
      return `set ${error.variable}, or give a default: \${env:${error.variable}:-default}`;
    case 'NotTrusted':
      return trustRemedy(error);
    case 'InvalidSetting':
      return 'pond config list shows all settings';
    case 'NotExecutable':
      return 'pond factories shows which factories can be run';
    case 'UnsafeFile':
      return "look at what stands there, and put the pond's own file back or remove it; pond fsck finds all of them";
    case 'SchemaConflict':
      return conflictRemedy(error);
    case 'SeriesUnreadable':
      return `pond cat ${shellWord(error.path)} --version N reads one of them`;
    case 'QueryFailed':
      return error.remedy ?? null;
    case 'NotASeries':
      return 'copy Parquet to a new path with host+series://';
    case 'NotParquet':
      if (error.isEmpty === true)
        return `leave it out until it has rows; or, of CSV, say the types of its columns, such as --csv-types ${shellWord(typesOf(error.columns))}`;
      return error.lacksTimes === true
        ? `${error.misfit === undefined ? 'of CSV, say' : `put ${error.misfit.column} right in the file, or say`} how times are written: ${TIME_FORMAT}; instants with nanoseconds become microseconds by --csv-types time=TIMESTAMPTZ; or copy it as a table, or as plain bytes: host:// without --as`
        : 'copy it as plain bytes: host:// without --as';
    default:
      return null;
  }
};

/** Codes of a disk, or a share of one, on which there is no room. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** An example of types for columns, of which the one that is called like one of times has times. */
const typesOf = (names: readonly string[] = ['time', 'value']): string => {
  const time = names.find((name) => /time|date/i.test(name)) ?? names[0];
  return names
    .slice(0, MOST_NAMED)
    .map((name) => `${name}=${name === time ? 'TIMESTAMP' : 'DOUBLE'}`)
    .join(',');
};

/** Columns that an example names, at most. */
const MOST_NAMED = 8;

/** An option of pond copy, with an example. */
const TIME_FORMAT = "--csv-timestamp-format '%d/%m/%Y %H:%M' or --csv-date-format '%d/%m/%Y'";

const conflictRemedy = ({
  path,
  reason,
  column,
  expected,
  found,
  value,
}: Extract<PondError, { _tag: 'SchemaConflict' }>): string => {
  if (value !== undefined && isUsualNull(value.text))
    return `where that stands for no value, say so: --csv-null ${shellWord(value.text.trim())}`;
  const series = `pond series ${shellWord(path)}`;
  switch (reason) {
    case 'zone':
      return `say in which zone times without one are: ${series} --timezone Europe/Vienna`;
    case 'time-column':
      return `put ${column} right in the file, or say how its times are written there: ${TIME_FORMAT}; or begin another series`;
    case 'spaces':
      return `call it ${quoted(expected ?? '')}; ${series} --schema any takes it as a column of its own`;
    case 'unit':
      return `put ${column} right in the file, or begin another series`;
    case 'new-column':
    case 'missing-column':
    case 'wider':
      return `${series} --schema widen takes it`;
    case 'type':
      return `put ${column} right in the file; of CSV, say its type (--csv-types ${shellWord(`${column}=${expected ?? found}`)}) or which words in it stand for no value (--csv-null NA); ${series} --schema any takes everything`;
  }
};

/** Looking comes before approving; where no approval can be kept, one process may trust. */
const trustRemedy = ({ directory, problem, what }: Extract<PondError, { _tag: 'NotTrusted' }>): string => {
  // What the pond would run is known only with its database.
  if (what === 'control')
    return `${problem === null ? '' : 'set POND_STATE_DIR to a directory of your own, then '}where you know that database to be the pond's, name it once with --control; --trust trusts it this once`;
  const quoted = shellWord(directory);
  return problem === null
    ? `pond trust ${quoted} shows all of it and asks; --trust trusts it this once`
    : `set POND_STATE_DIR to a directory of your own, then pond trust ${quoted}; --trust trusts it this once`;
};

const wrongType = (found: string): string | null => {
  if (found === 'table' || found === 'series') return `copy Parquet to it with host+${found}://`;
  return found === 'file:dynamic' || found === 'directory:dynamic'
    ? 'pond mknod ... --overwrite changes its configuration; pond rm removes it'
    : 'remove it first, or choose another path';
};
