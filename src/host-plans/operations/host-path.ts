/** Reason why a string is not a path that a host plan may name. */
export type HostPathProblem =
  | 'empty'
  | 'not-absolute'
  | 'parent-traversal'
  | 'not-normalised'
  | 'nul-byte'
  | 'root'
  | 'name-too-long'
  | 'path-too-long';

const LONGEST_NAME = 255;
const LONGEST_PATH = 4_095;

/**
 * Returns what is wrong with a host's path, or null: absolute, without `.`, `..`, `//` or a trailing `/`, not the root itself,
 * within what filesystems take (names of 255 bytes, paths of 4095).
 */
export const hostPathProblem = (path: string): HostPathProblem | null =>
  path.length * 3 <= LONGEST_NAME && PLAIN.test(path) ? null : problemOf(path);

/** Nearly every path: names that do not begin with a dot, one after the other. */
const PLAIN = /^(?:\/[^/.\0][^/\0]*)+$/;

const problemOf = (path: string): HostPathProblem | null => {
  if (path === '') return 'empty';
  if (path.includes('\0')) return 'nul-byte';
  if (!path.startsWith('/')) return 'not-absolute';
  if (path === '/') return 'root';
  if (/(^|\/)\.\.(\/|$)/.test(path)) return 'parent-traversal';
  if (/\/(\.?)(\/|$)/.test(path)) return 'not-normalised';
  if (path.length * 3 > LONGEST_NAME) {
    if (Buffer.byteLength(path) > LONGEST_PATH) return 'path-too-long';
    if (path.split('/').some((name) => Buffer.byteLength(name) > LONGEST_NAME)) return 'name-too-long';
  }
  return null;
};

/** The directory that a path lies in. The root's is the root. */
export const parentOf = (path: string): string => {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
};

/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Tells whether a path is `ancestor` or lies below it. */
export const isWithin = (path: string, ancestor: string): boolean =>
  path === ancestor || path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);

/** The directories above a path, nearest first, the root left out. */
export const ancestorsOf = (path: string): readonly string[] => {
  const ancestors: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    ancestors.push(path.slice(0, at));
  }
  return ancestors;
};
