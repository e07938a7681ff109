import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceError, PersistenceView, PersistenceWriter } from '../persistence.js';
import { type Directory, foldDirectory } from './directory.js';
import { namedEntries } from './named-entries.js';

/** The directories of one view, each read and folded once. */
export interface Directories {
  readonly get: (partId: string) => TE.TaskEither<PersistenceError, Directory>;
  /**
   * The newest row of the entry of that name; undefined where there is none. Of a large directory only what has to do with
   * the name is read, as long as few names are asked for.
   */
  readonly entryNamed: (partId: string, name: string) => TE.TaskEither<PersistenceError, NodeRow | undefined>;
  /** The rows of a node in a directory, in ascending order of version. */
  readonly rowsIn: (partId: string, nodeId: string) => TE.TaskEither<PersistenceError, readonly NodeRow[]>;
  /** Directories that were read already. */
  readonly peek: (partId: string) => Directory | undefined;
  /** Forgets a directory that was read; whoever asks for it reads it again. A writer's stay. */
  readonly release: (partId: string) => void;
  /** All that was read, by id. */
  readonly loaded: () => readonly (readonly [string, Directory])[];
  /** A directory that the running transaction made: there is nothing to read. */
  readonly addEmpty: (partId: string) => void;
  /**
   * All rows of a directory node that were met while reading the directory that holds it, as far as they are its whole
   * history: what was never moved need not be looked for elsewhere.
   */
  readonly historyOf: (nodeId: string) => readonly NodeRow[] | undefined;
}

/** A cache and nothing else: a view never changes, and a writer's is kept up to date by whoever writes. */
const byView = new WeakMap<PersistenceView, Directories>();

/** The directories of a view; everybody who reads the same view shares them. */
export const directoriesOf = (view: PersistenceView): Directories => {
  const known = byView.get(view);
  if (known !== undefined) return known;
  const directories = createDirectories(view, () => undefined);
  byView.set(view, directories);
  return directories;
};

/** The directories of a writer that has written nothing yet: what was read of its base need not be read again. */
export const directoriesOfWriter = (writer: PersistenceWriter): Directories => {
  const ofBase = new Map(directoriesOf(writer.base).loaded());
  const directories = {
    ...createDirectories(writer, (partId) => ofBase.get(partId)?.copy()),
    // What it has written is in them.
    release: () => undefined,
  };
  byView.set(writer, directories);
  return directories;
};

/** Hands on to the view that a commit made what its writer had read and written. */
export const handOnDirectories = (writer: PersistenceWriter, committed: PersistenceView): void => {
  const known = new Map(directoriesOf(writer).loaded());
  const directories = createDirectories(committed, (partId) => known.get(partId)?.copy());
  // At once: the writer may still be in somebody's hands.
  for (const partId of known.keys()) directories.peek(partId);
  byView.set(committed, directories);
};

/** `known`: a directory of the view that somebody has read already. */
const createDirectories = (
  view: PersistenceView,
  known: (partId: string) => Directory | undefined,
): Directories => {
  const loaded = new Map<string, Directory>();
  const loading = new Map<string, ReturnType<TE.TaskEither<PersistenceError, Directory>>>();
  const histories = new Map<string, readonly NodeRow[]>();

  const remember = (partId: string, directory: Directory): void => {
    loaded.set(partId, directory);
    for (const [nodeId, rows] of directory.subdirectories.entries()) histories.set(nodeId, rows);
  };

  const take = (partId: string): Directory | undefined => {
    const directory = known(partId);
    if (directory !== undefined) remember(partId, directory);
    return directory;
  };

  // A failed reading is forgotten, so that the next caller tries again.
  const load = (partId: string): TE.TaskEither<PersistenceError, Directory> =>
    pipe(
      view.rowsOf(partId),
      TE.map(foldDirectory),
      TE.tapIO((directory) => () => remember(partId, directory)),
      T.tapIO(() => () => {
        loading.delete(partId);
      }),
    );

  const get: Directories['get'] = (partId) => () => {
    const directory = loaded.get(partId) ?? take(partId);
    if (directory !== undefined) return TE.right<PersistenceError, Directory>(directory)();
    // Whoever asks for a directory while it is being read waits for the same reading.
    const pending = loading.get(partId) ?? load(partId)();
    loading.set(partId, pending);
    return pending;
  };

  const lookedUp = namedEntries(view);

  const entryNamed: Directories['entryNamed'] = (partId, name) => {
    const whole = pipe(
      get(partId),
      TE.map(({ entries }) => entries.get(name)),
    );
    const known = lookedUp.of(partId, name);
    if (known !== undefined) return TE.right(known.entries.get(name));
    const isRead = loaded.has(partId) || loading.has(partId) || take(partId) !== undefined;
    const part = isRead ? null : lookedUp.lookUp(partId, name);
    if (part === null) return whole;
    return pipe(
      part,
      TE.flatMap((found) => (found === null ? whole : TE.right(found.entries.get(name)))),
    );
  };

  const rowsIn: Directories['rowsIn'] = (partId, nodeId) => {
    const known = loaded.has(partId) ? undefined : lookedUp.rowsOf(partId, nodeId);
    if (known !== undefined) return TE.right(known);
    return pipe(
      get(partId),
      TE.map(({ rows }) => rows.get(nodeId) ?? []),
    );
  };

  return {
    get,
    entryNamed,
    rowsIn,
    peek: (partId) => loaded.get(partId) ?? take(partId),
    release: (partId) => {
      for (const [nodeId] of loaded.get(partId)?.subdirectories.entries() ?? []) histories.delete(nodeId);
      loaded.delete(partId);
      view.release?.(partId);
    },
    loaded: () => [...loaded],
    addEmpty: (partId) => {
      loaded.set(partId, foldDirectory([]));
    },
    historyOf: (nodeId) => histories.get(nodeId),
  };
};
