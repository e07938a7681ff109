import type { InvalidArgument } from '../domain/invalid-argument.js';
import type { NotTrusted } from '../domain/not-trusted.js';
import type { InvalidPattern } from '../domain/paths/glob-pattern.js';
import type { InvalidPath } from '../domain/paths/pond-path.js';
import type { SchemaConflict } from '../domain/series/series-fit.js';
import type { EntryType } from '../domain/tree/node-row.js';
import type { PersistenceError } from './persistence.js';

/** Reason why a call to the pond's filesystem failed. */
export type TinyFsError =
  | InvalidPath
  | InvalidArgument
  | PersistenceError
  /** Nothing is at that path; `missing` is the first name on the way that is not there. */
  | {
      readonly _tag: 'PathNotFound';
      readonly path: string;
      readonly missing: string;
      /** True where something new was to be there, and a directory on the way to it is missing; left out: something was looked for. */
      readonly lacksParent?: boolean;
    }
  | { readonly _tag: 'PathExists'; readonly path: string; readonly entryType: EntryType }
  | { readonly _tag: 'NotADirectory'; readonly path: string; readonly entryType: EntryType }
  | { readonly _tag: 'IsADirectory'; readonly path: string }
  | { readonly _tag: 'DirectoryNotEmpty'; readonly path: string }
  /** More than 40 symlinks on the way: a loop. */
  | { readonly _tag: 'SymlinkLoop'; readonly path: string }
  /** Content of one type was to be written over an entry of another. */
  | {
      readonly _tag: 'WrongEntryType';
      readonly path: string;
      readonly expected: EntryType;
      readonly found: EntryType;
    }
  | { readonly _tag: 'NotDynamic'; readonly path: string; readonly entryType: EntryType }
  /** Nothing can be written below a directory that a factory makes, or below a dynamic node. */
  | { readonly _tag: 'ReadOnlyPath'; readonly path: string; readonly factory: string }
  /** The root can be neither removed nor renamed, nor be the copy of something. */
  | { readonly _tag: 'RootRefused'; readonly call: 'remove' | 'rename' | 'write' | 'copy' }
  /** A directory was to be moved into itself. */
  | {
      readonly _tag: 'MoveIntoItself';
      readonly from: string;
      readonly to: string;
      readonly call: 'copy' | 'rename';
    }
  /** The write transaction that the filesystem belongs to is over: its body has ended. */
  | { readonly _tag: 'TransactionEnded'; readonly call: string; readonly path: string | null }
  | { readonly _tag: 'VersionNotFound'; readonly path: string; readonly version: number }
  /** There is no transaction of that number before this one. */
  | { readonly _tag: 'TransactionNotFound'; readonly txnSeq: number; readonly lastTxnSeq: number }
  /** Later transactions changed what was to be reverted; `by`: the newest that did, by path. */
  | {
      readonly _tag: 'ChangedSince';
      readonly txnSeq: number;
      readonly paths: readonly { readonly path: string; readonly by: number | null }[];
    }
  /** A configuration of more than 1 MiB. */
  | { readonly _tag: 'ConfigTooLarge'; readonly path: string; readonly size: number; readonly limit: number }
  /** An event time that is not a whole number of microseconds within 64 bits, or a range that ends before it begins. */
  | {
      readonly _tag: 'InvalidEventTimes';
      readonly path: string;
      readonly min: number | null;
      readonly max: number | null;
    }
  /** What was to be appended does not keep to the contract of its series. */
  | SchemaConflict
  /** What should be a version of a series, or a table, is not Parquet. `lacksTimes`: it is, but has no event times, which a series must have; `isEmpty`: it has no rows either; `misfit`: a value that is no time, in a column with others that are; `columns`: what its columns are called; `source`: the file of the host's, where one of several was to be written. */
  | {
      readonly _tag: 'NotParquet';
      readonly path: string;
      readonly problem: string;
      readonly lacksTimes?: true;
      readonly isEmpty?: true;
      readonly columns?: readonly string[];
      readonly source?: string;
      readonly misfit?: { readonly column: string; readonly text: string; readonly line: number | null };
    }
  /** The versions of a series, each of which can be read, do not make one table. */
  | { readonly _tag: 'SeriesUnreadable'; readonly path: string; readonly problem: string }
  /** A call that only series take. */
  | { readonly _tag: 'NotASeries'; readonly path: string; readonly entryType: EntryType }
  | InvalidPattern
  /** The factory of a dynamic node is not known here: its own error, never "not found". */
  | {
      readonly _tag: 'UnknownFactory';
      readonly path: string;
      readonly factory: string;
      readonly known: readonly string[];
    }
  /** The factory of a dynamic node could not make its content. `lacksSource`: what that is made of is not there, or not yet. */
  | {
      readonly _tag: 'DynamicNodeFailed';
      readonly path: string;
      readonly factory: string;
      readonly message: string;
      readonly lacksSource?: true;
    }
  /** A content is made of itself, over others: the way round, the first one repeated at the end. */
  | { readonly _tag: 'CyclicContent'; readonly path: string; readonly cycle: readonly string[] }
  /** Reading it would run what this user has not approved. */
  | NotTrusted;
