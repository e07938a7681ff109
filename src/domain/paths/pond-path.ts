import { type Either, left, right } from 'fp-ts/lib/Either.js';

/**
 * An absolute, normalised path in the pond: `/`, `/a`, `/a/b`. Never a trailing slash, `.` or `..`. The mark is not a
 * symbol: each entry point has its own declarations, and a path of one is a path of the others.
 */
export type PondPath = string & { readonly PondPath: 'PondPath' };

/** Reason why a string is not a path in the pond. */
export interface InvalidPath {
  readonly _tag: 'InvalidPath';
  readonly path: string;
  readonly problem:
    | 'empty'
    | 'not-text'
    | 'not-absolute'
    | 'parent-traversal'
    | 'nul-byte'
    | 'not-unicode'
    | 'name-too-long'
    | 'path-too-long';
}

/** Limits of POSIX file systems, so that whatever is in a pond can be copied out of it. In bytes of UTF-8. */
const NAME_MAX = 255;
const PATH_MAX = 4096;

export const ROOT = '/' as PondPath;

/**
 * Reads a path: it must start with `/`; repeated slashes, `.` and a trailing slash are normalised away; `..` is
 * refused, because what it would mean depends on symlinks.
 */
export const parsePondPath = (text: string): Either<InvalidPath, PondPath> => {
  const invalid = (problem: InvalidPath['problem']) =>
    left<InvalidPath, PondPath>({ _tag: 'InvalidPath', path: text, problem });
  // A caller without types may hand over anything.
  if (typeof text !== 'string') return left({ _tag: 'InvalidPath', path: String(text), problem: 'not-text' });
  if (text === '') return invalid('empty');
  if (!text.startsWith('/')) return invalid('not-absolute');
  if (text.includes('\0')) return invalid('nul-byte');
  // Half a surrogate pair has no bytes in UTF-8: it would come back as another name.
  if (!text.isWellFormed()) return invalid('not-unicode');
  if (Buffer.byteLength(text) > PATH_MAX) return invalid('path-too-long');
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) return invalid('parent-traversal');
  if (names.some((name) => Buffer.byteLength(name) > NAME_MAX)) return invalid('name-too-long');
  return right(fromNames(names));
};

/** The names on the way from the root: `/a/b` has `a` and `b`. */
export const namesOf = (path: PondPath): readonly string[] => (path === ROOT ? [] : path.slice(1).split('/'));

/** The path that a list of names leads to; the inverse of {@link namesOf}. */
export const fromNames = (names: readonly string[]): PondPath => `/${names.join('/')}` as PondPath;

/** The entry `name` of the directory `directory`. */
export const childOf = (directory: PondPath, name: string): PondPath =>
  (directory === ROOT ? `/${name}` : `${directory}/${name}`) as PondPath;

/** The directory that holds a path; the root's is the root. */
export const parentOf = (path: PondPath): PondPath => {
  const end = path.lastIndexOf('/');
  return end <= 0 ? ROOT : (path.slice(0, end) as PondPath);
};

/** The last name of a path; empty for the root. */
export const nameOf = (path: PondPath): string => path.slice(path.lastIndexOf('/') + 1);

/** Tells whether `path` is `directory` or lies anywhere below it. */
export const isWithin = (directory: PondPath, path: PondPath): boolean =>
  directory === ROOT || path === directory || path.startsWith(`${directory}/`);
