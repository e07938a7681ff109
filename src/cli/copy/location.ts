import { resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { quoted } from '../../domain/quoted.js';
import { shellWord } from '../../domain/shell-word.js';
import { type UsageError, usage } from '../errors.js';

/** A source or the destination of `copy`. */
export type Location =
  | { readonly _tag: 'StandardInput' }
  | HostLocation
  | {
      readonly _tag: 'Pond';
      /** A path or, for a source, a pattern. */
      readonly path: string;
      readonly trailingSlash: boolean;
    };

export interface HostLocation {
  readonly _tag: 'Host';
  /** Absolute. */
  readonly path: string;
  readonly trailingSlash: boolean;
  /** Kind of node that a copy of it becomes in the pond. */
  readonly entryType: 'file' | 'table' | 'series';
  /** True: its rows are to be taken, however they are written. */
  readonly asRows?: boolean;
}

const SCHEMES = { 'host://': 'file', 'host+table://': 'table', 'host+series://': 'series' } as const;

/** Reads a location: `-`, `host:///absolute`, `host://relative`, `host+table://...`, `host+series://...`, `/in/the/pond`. */
export const parseLocation = (text: string, workingDirectory: string): E.Either<UsageError, Location> => {
  if (text === '-') return E.right({ _tag: 'StandardInput' });
  for (const [scheme, entryType] of Object.entries(SCHEMES)) {
    if (!text.startsWith(scheme)) continue;
    const path = text.slice(scheme.length);
    if (path === '') return E.left(usage(`${text} names no file`, `${scheme}/absolute/path`));
    const trailingSlash = path.endsWith('/');
    return E.right({ _tag: 'Host', path: resolve(workingDirectory, path), trailingSlash, entryType });
  }
  const otherScheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (otherScheme !== undefined)
    return E.left(
      usage(
        `cannot copy from or to ${otherScheme}`,
        'files of the host are host:///path, host+table:///path or host+series:///path',
      ),
    );
  return BEGINS_IN_THE_POND.test(text)
    ? E.right({ _tag: 'Pond', path: text, trailingSlash: text.endsWith('/') })
    : E.left(
        usage(
          `${quoted(text)} is neither a path in the pond, which begins with /, nor a file of the host`,
          `${shellWord(`host://${text}`)} is on the host, ${shellWord(`/${text}`)} in the pond`,
        ),
      );
};

/** Paths in the pond and patterns of them. */
const BEGINS_IN_THE_POND = /^[/*?[{]/;
