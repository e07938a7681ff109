import { type IOEither, tryCatch } from 'fp-ts/lib/IOEither.js';
import type { FileSystemError } from '../../../ports/file-system.js';

/** A call to the operating system as a value. */
export const attempt = <A>(call: string, path: string, body: () => A): IOEither<FileSystemError, A> =>
  tryCatch(body, failed(call, path));

/** Returns the operating system's error; anything else is a fault in the program and goes on as it is. */
export const failed =
  (call: string, path: string): ((error: unknown) => FileSystemError) =>
  (error) => {
    if (isFileSystemError(error)) return error;
    const code = codeOf(error);
    if (code === null) throw error;
    const syscall = error instanceof Error && 'syscall' in error ? error.syscall : null;
    return fileSystemError(typeof syscall === 'string' ? syscall : call, path, code);
  };

export const fileSystemError = (call: string, path: string, code: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call,
  path,
  code,
});

/** The errno name of what was thrown; null where there is none. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'FileSystemError';
