import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A call to the host's filesystem that did not succeed. */
export type FileSystemError = CallFailed | UnsafeFile;

/** Error of the operating system. */
export interface CallFailed {
  readonly _tag: 'FileSystemError';
  /** The operation, `open`, `rename`, `fsync` ... */
  readonly call: string;
  readonly path: string;
  /** The errno name: `ENOENT`, `ENOSPC`, `EACCES` ... */
  readonly code: string;
}

/** Something that stands in a pond where a file or a directory of its own belongs. It is neither opened nor removed. */
export interface UnsafeFile {
  readonly _tag: 'UnsafeFile';
  readonly call: string;
  readonly path: string;
  readonly code: 'UNSAFE';
  readonly found: FoundInstead;
}

/**
 * `special`: a pipe, socket or device. `outside`: a name that leads out of its directory. `symlink-of-another`: one that another
 * user has put there, and that leads to what is not theirs.
 */
export type FoundInstead =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'other'
  | 'special'
  | 'dangling-symlink'
  | 'symlink-of-another'
  | 'outside'
  | 'too-large';

/** Kind and facts of what is at a path. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Bytes of a file; of anything else whatever the host says. */
  readonly size: number;
  /** Permission bits, `0o644`. */
  readonly mode: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
}

/**
 * The host's filesystem, as far as a pond's own storage needs it. Calls on metadata and small files are
 * synchronous: each takes microseconds, less than handing it to a thread; bulk content is streamed.
 * Names are bytes; one that is not UTF-8 is a string as `escaped-bytes.ts` says, and names the same file again.
 * Only regular files are opened, and none through a symlink at the end of its path: that is `ELOOP`, a directory
 * `EISDIR`, and a pipe, socket or device `ESPIPE`, at once. Nothing that is made can be written by others. Whatever must survive power loss is fsynced explicitly by the caller.
 */
export interface FileSystem {
  /** All of a small file; one of more than `LARGEST_WHOLE_FILE` bytes is `EFBIG`. */
  readonly readFile: (path: string) => IOEither<FileSystemError, Uint8Array>;
  /**
   * `length` bytes from `offset`; fewer at the end of the file. They may be put into `room`, which has place for them, and are
   * then the beginning of it.
   */
  readonly readRange: (
    path: string,
    offset: number,
    length: number,
    room?: Uint8Array,
  ) => IOEither<FileSystemError, Uint8Array>;
  /**
   * Creates a file that must not exist, writes all bytes, fsyncs and closes it. The directory is not fsynced. A `relaxed` one is not
   * fsynced either: a power loss may leave it empty, or half.
   */
  readonly writeNewFile: (
    path: string,
    content: Uint8Array,
    durability?: 'durable' | 'relaxed',
  ) => IOEither<FileSystemError, void>;
  /**
   * Creates several files in this way and makes the entries of `directories` durable, too, all side by side: the
   * operating system makes what waits together durable at once. A failure leaves none of the files.
   */
  readonly writeNewFiles: (
    files: readonly NewContent[],
    directories: readonly string[],
  ) => TaskEither<FileSystemError, void>;
  /** Like `writeNewFile` from a stream, with back-pressure. */
  readonly streamToNewFile: (
    path: string,
    content: AsyncIterable<Uint8Array>,
    /** Bits and owner, from the first byte on; default: those of `writeNewFile`. */
    as?: NewFile,
  ) => TaskEither<FileSystemError, void>;
  /** A file's bytes in chunks. The file is opened when the iteration starts; an error during it is thrown as a {@link FileSystemError}. */
  readonly streamFile: (path: string) => AsyncIterable<Uint8Array>;
  /** Returns what is at a path; of a symlink: the link itself. `ENOENT` where there is nothing. */
  readonly stat: (path: string) => IOEither<FileSystemError, FileStat>;
  /** Names in a directory, unsorted. */
  readonly readDirectory: (path: string) => IOEither<FileSystemError, readonly string[]>;
  /**
   * Creates a directory and its missing parents; an existing one is fine. Returns the topmost one created, if any. With `mode` the last
   * one has these bits, of which the umask takes away its own, from the moment in which it is there; the others are as ever.
   */
  readonly makeDirectories: (path: string, mode?: number) => IOEither<FileSystemError, string | null>;
  /** Renames an entry; a file at `to` is replaced in one step. Durable once its directories are fsynced. */
  readonly rename: (from: string, to: string) => IOEither<FileSystemError, void>;
  /** A hard link; fails with `EEXIST` when `to` exists: the atomic, exclusive publication of a complete file. */
  readonly link: (from: string, to: string) => IOEither<FileSystemError, void>;
  /** Removes a file; a missing one is fine. */
  readonly remove: (path: string) => IOEither<FileSystemError, void>;
  /** The same place without symlinks in its path; it must exist. */
  readonly realPath: (path: string) => IOEither<FileSystemError, string>;
  /** Makes a file's content durable. */
  readonly fsyncFile: (path: string) => IOEither<FileSystemError, void>;
  /** Makes a directory's entries durable. */
  readonly fsyncDirectory: (path: string) => IOEither<FileSystemError, void>;
}

/** Bytes of the largest file that is read whole: far more than any log entry, journal or manifest has. */
export const LARGEST_WHOLE_FILE = 256 * 1024 * 1024;

/** A file that is to be made, with all of its bytes. */
export interface NewContent {
  readonly path: string;
  readonly content: Uint8Array;
}

/** An entry together with what tells it from every other. Of a symlink: the link itself. */
export interface EntryStat extends FileStat {
  readonly device: bigint;
  /** Unique on its device; a renamed entry keeps it, hard links share it, a removed entry's may be used again. */
  readonly inode: bigint;
  /** Names that a file or a symlink has; of a directory whatever its filesystem counts. */
  readonly links: number;
  /** The numbers of the user and of the group that it belongs to. */
  readonly owner: number;
  readonly group: number;
}

/** Options of making a file. */
export interface NewFile {
  /** Permission bits exactly, whatever the umask is. */
  readonly mode: number;
  /** Tells whether content and mode are durable when the call returns. The directory never is. */
  readonly fsync: boolean;
  /** The owner for whom `mode` is meant; default: whoever makes the file. */
  readonly owner?: Owner;
}

/**
 * The owner of what a new entry is made after. Where the entry does not belong to this user, and to this group, too, it has
 * no set-user-ID or set-group-ID bit.
 */
export interface Owner {
  readonly user: number;
  readonly group: number;
  /** Tells whether the entry is given to them, as far as this process may; else it stays its maker's. */
  readonly give: boolean;
}

/** `search`: for a directory, to reach what is in it. */
export type AccessRight = 'read' | 'write' | 'search';

/**
 * The host's filesystem for those who change what people keep there: every kind of entry, modes, times and
 * identity, and errors where {@link FileSystem} is lenient. Of the calls only `access`, `realPath`, `readDirectory`,
 * `makeDirectories` and `fsyncDirectory` follow a symlink at the end of a path; symlinks on the way to it are followed as ever. A call that fails leaves
 * nothing of its own.
 */
export interface HostFileSystem extends FileSystem {
  /** `stat` with identity, for a little more time. */
  readonly lstat: (path: string) => IOEither<FileSystemError, EntryStat>;
  /** Directories on which something is mounted, in so far as the system tells. */
  readonly mountPoints: () => IOEither<FileSystemError, readonly string[]>;
  /** Tells whether this process may do all of that with what the path leads to: `EACCES`, `EPERM` or `EROFS` when it may not. */
  readonly access: (path: string, rights: readonly AccessRight[]) => IOEither<FileSystemError, void>;
  /** The text of a symlink. */
  readonly readLink: (path: string) => IOEither<FileSystemError, string>;
  /** One directory with these permission bits, whatever the umask; `EEXIST` when the path is taken. */
  readonly makeDirectory: (path: string, mode: number) => IOEither<FileSystemError, void>;
  /** Removes an empty directory; `ENOTEMPTY` otherwise. */
  readonly removeDirectory: (path: string) => IOEither<FileSystemError, void>;
  /** A small file with all its bytes; `EEXIST` when the path is taken, by a symlink, too. */
  readonly createFile: (path: string, content: Uint8Array, as: NewFile) => IOEither<FileSystemError, void>;
  /** Copies a regular file's content, streaming: `from` a symlink is `ELOOP`, a directory `EISDIR`, a device or pipe `EINVAL`; `to` taken is `EEXIST`. */
  readonly copyFile: (from: string, to: string, as: NewFile) => TaskEither<FileSystemError, void>;
  /** `target` is the text of the link and need not lead anywhere. */
  readonly symlink: (target: string, path: string) => IOEither<FileSystemError, void>;
  /** Gives a symlink to its owner, as far as this process may. */
  readonly giveLink: (path: string, owner: Omit<Owner, 'give'>) => IOEither<FileSystemError, void>;
  /** Removes a file or a symlink; a missing one is `ENOENT`, a directory `EISDIR`. */
  readonly removeFile: (path: string) => IOEither<FileSystemError, void>;
  /** Permission bits of a file or directory; `ELOOP` for a symlink, which has none of its own. */
  readonly chmod: (path: string, mode: number) => IOEither<FileSystemError, void>;
  /** The same without opening it: no lock that this process holds on the file is lost. */
  readonly chmodUnopened: (path: string, mode: number) => IOEither<FileSystemError, void>;
  /** The modification time, of a symlink itself, too: microseconds since the epoch, not before it. */
  readonly setModifiedAt: (path: string, modifiedAt: number) => IOEither<FileSystemError, void>;
}

/** A filesystem for one piece of work, in which paths go on leading where they led first, where the system can see to that. */
export interface HeldFiles {
  readonly files: HostFileSystem;
  /** The work has ended. */
  readonly release: () => void;
}
