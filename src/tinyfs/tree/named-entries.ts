import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import { type Directory, foldDirectory } from './directory.js';

/** Names that are looked up in one directory; for more of them it is read. */
const MOST_LOOK_UPS = 16;

/** Entries of directories that are not read whole, looked up by name. */
export interface NamedEntries {
  /** The part of a directory that was looked up for that name; undefined: it was not. */
  readonly of: (partId: string, name: string) => Directory | undefined;
  /**
   * Looks a name up and keeps the part of the directory that has to do with it; null, now or then: the directory is to be read, since
   * the view cannot look up, not here, or enough names were.
   */
  readonly lookUp: (partId: string, name: string) => TE.TaskEither<PersistenceError, Directory | null> | null;
  /** The rows of a node that is in one of the parts. */
  readonly rowsOf: (partId: string, nodeId: string) => readonly NodeRow[] | undefined;
}

/** Entries of a view, none of which has been looked up yet. */
export const namedEntries = (view: PersistenceView): NamedEntries => {
  const parts = new Map<string, Map<string, Directory>>();
  return {
    of: (partId, name) => parts.get(partId)?.get(name),
    lookUp: (partId, name) => {
      const names = parts.get(partId) ?? new Map<string, Directory>();
      const { rowsNamed } = view;
      if (rowsNamed === undefined || names.size >= MOST_LOOK_UPS) return null;
      return pipe(
        rowsNamed(partId, name),
        TE.map((rows) => {
          if (rows === null) return null;
          const part = foldDirectory(rows);
          parts.set(partId, names.set(name, part));
          return part;
        }),
      );
    },
    rowsOf: (partId, nodeId) => {
      for (const { rows } of parts.get(partId)?.values() ?? []) {
        const known = rows.get(nodeId);
        if (known !== undefined) return known;
      }
      return undefined;
    },
  };
};
