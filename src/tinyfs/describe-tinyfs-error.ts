import { describeNotTrusted } from '../domain/describe-not-trusted.js';
import { describeUnknownFactory } from '../domain/describe-unknown-factory.js';
import { describeKeyError } from '../domain/documents/decode-error.js';
import { errnoInWords } from '../domain/errno-in-words.js';
import type { InvalidPath } from '../domain/paths/pond-path.js';
import { quoted } from '../domain/quoted.js';
import type { SchemaConflict } from '../domain/series/series-fit.js';
import type { EntryType } from '../domain/tree/node-row.js';
import { describeInstead } from '../ports/describe-instead.js';
import type { TinyFsError } from './errors.js';

/** An error of the pond's filesystem as one sentence for people, without a full stop. */
export const describeTinyFsError = (error: TinyFsError): string => {
  switch (error._tag) {
    case 'CorruptData':
      return `${error.path} is damaged: ${error.problem}`;
    case 'UnsupportedData':
      return `${error.path} is in order, but not supported: ${error.problem}`;
    case 'ContentForgotten':
      return `${error.path}: the content of version ${error.version} is forgotten since ${new Date(error.since / 1000).toISOString()}: what only states before transaction ${error.before} show was given up for its space`;
    case 'StorageFailed':
      return `${error.path}: ${error.call} failed: ${errnoInWords(error.code)}`;
    case 'UnsafeFile':
      return `${error.path} ${describeInstead(error.found)}`;
    case 'InvalidPath':
      return `${quoted(error.path)} is not a path in a pond: ${PATH_PROBLEMS[error.problem]}`;
    case 'InvalidArgument':
      return `${error.call}: ${error.errors.map(describeKeyError).join('; ')}`;
    case 'PathNotFound':
      return error.missing === '' || error.path.endsWith(`/${error.missing}`) || error.path === error.missing
        ? `${error.path}: there is nothing at that path`
        : `${error.path}: there is no ${quoted(error.missing)} on the way`;
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
    case 'InvalidEventTimes':
      return `${error.path}: event times are whole microseconds within 64 bits, the first not after the last; got ${error.min} and ${error.max}`;
    case 'NotDynamic':
      return `${error.path} is a ${NAMES[error.entryType]}; it has no factory and no configuration`;
    case 'ReadOnlyPath':
      return `${error.path} is made by the factory ${quoted(error.factory)}; nothing can be written there`;
    case 'RootRefused':
      return `/ cannot be ${{ remove: 'removed', rename: 'renamed', write: 'written', copy: 'copied' }[error.call]}`;
    case 'MoveIntoItself':
      return `${error.from} cannot be ${error.call === 'copy' ? 'copied' : 'moved'} into itself (${error.to})`;
    case 'TransactionEnded':
      return `${error.call}${error.path === null ? '' : ` ${error.path}`}: the transaction has ended, nothing can be done in it any more`;
    case 'VersionNotFound':
      return `${error.path} has no version ${error.version}`;
    case 'ConfigTooLarge':
      return `${error.path}: a configuration of ${error.size} bytes or more is too large; the limit is ${error.limit} bytes`;
    case 'InvalidPattern':
      return `${quoted(error.pattern)} is not a pattern: ${error.problem}`;
    case 'DynamicNodeFailed':
      return `${error.path}: the factory ${quoted(error.factory)} could not make its content: ${error.message}`;
    case 'CyclicContent':
      return `${error.path} is made of itself: ${error.cycle.join(' -> ')}`;
    case 'TransactionNotFound':
      return `there is no transaction ${error.txnSeq}; the last one is ${error.lastTxnSeq}`;
    case 'ChangedSince':
      return [
        `transaction ${error.txnSeq} cannot be reverted: changed since`,
        ...error.paths.map(changedSince),
      ].join('\n  ');
    case 'SchemaConflict':
      return `${error.path}${describeSource(error)}: ${describeConflict(error)}${describeValue(error)}`;
    case 'NotParquet':
      return `${error.path}${describeSource(error)} cannot be taken as Parquet: ${error.problem}${error.misfit === undefined ? '' : describeMisfit(error.misfit)}`;
    case 'NotASeries':
      return `${error.path} is a ${NAMES[error.entryType]}, not a series`;
    case 'SeriesUnreadable':
      return `${error.path}: its versions cannot be read as one table: ${error.problem}`;
    case 'UnknownFactory':
      return `${error.path}: ${describeUnknownFactory(error)}`;
    case 'NotTrusted':
      return describeNotTrusted(error);
  }
};

/** Describes what does not fit, with the column and both types. */
const describeConflict = ({ column, expected, found, reason, columns }: SchemaConflict): string => {
  const name = quoted(column);
  switch (reason) {
    case 'time-column':
      return found === null
        ? `the column ${name}, which has the event times of this series, is not in what was to be appended${columns === undefined ? '' : `, whose columns are ${fewOf(columns)}`}`
        : `the column ${name}, which has the event times of this series, is ${found} in what was to be appended and holds no times`;
    case 'new-column':
      return `the schema of this series is strict, and ${name} (${found}) is a new column`;
    case 'missing-column':
      return `the schema of this series is strict, and its column ${name} (${expected}) is missing`;
    case 'wider':
      return `the schema of this series is strict: its column ${name} is ${expected}, and ${found} in what was to be appended`;
    case 'spaces':
      return `the column ${name} is new, and differs from ${quoted(expected ?? '')} of this series by spaces only`;
    case 'zone':
    case 'unit':
    case 'type':
      return `the column ${name} is ${expected} in this series and ${found} in what was to be appended`;
  }
};

const fewOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} ...`;

/** Columns that are named, at most. */
const MOST_NAMED = 20;

/** The file of the host's, where one of several was to be appended. */
const describeSource = ({ source }: { readonly source?: string }): string =>
  source === undefined ? '' : ` (${source})`;

/** The value that stands in the way, where it is known. */
const describeValue = ({ value }: Pick<SchemaConflict, 'value'>): string => {
  if (value === undefined) return '';
  return `: ${value.line === null ? 'it' : `line ${value.line}`} has ${quoted(value.text)}`;
};

type NotParquet = Extract<TinyFsError, { _tag: 'NotParquet' }>;

const describeMisfit = ({ column, ...value }: NonNullable<NotParquet['misfit']>): string =>
  `; ${column} does but for some values${describeValue({ value })}`;

const changedSince = ({ path, by }: { readonly path: string; readonly by: number | null }): string =>
  by === null ? `${path}, which is gone` : `${path}, by transaction ${by}`;

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
