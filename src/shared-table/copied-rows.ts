import type { NodeRow } from '../domain/tree/node-row.js';
import { isMissing } from '../tlogfs/failure.js';
import type { DataFile } from '../tlogfs/log/log-entry.js';
import type { RowFiles } from '../tlogfs/rows/row-files.js';

/** Data files that are here, or are fetched. */
export interface CopiedDataFiles {
  readonly isHere: (file: DataFile) => boolean;
  /** Sees to it that a file is here, whole. */
  readonly fetch: (file: DataFile) => Promise<void>;
}

/** Tries, all in all, to fetch, open or read a copy that somebody takes away at the same moment. */
export const MOST_TRIES = 5;
const FILES_AT_ONCE = 8;

/** The same rows, of files that are fetched before they are read. */
export const copiedRows = (rows: RowFiles, copies: CopiedDataFiles): RowFiles => {
  /** Files out of which rows came whose contents may be wanted later. */
  const owners = new WeakMap<NodeRow, DataFile>();
  const withFile = <A>(file: DataFile, read: () => Promise<A>) => readCopy(copies, file, read);

  const selectKept: RowFiles['selectKept'] = (file, selection) => {
    const found = rows.selectKept(file, selection);
    for (const row of found ?? []) owners.set(row, file);
    return found;
  };

  return {
    ...rows,
    selectKept,
    select: async (file, selection) => {
      const kept = selectKept(file, selection);
      if (kept !== null) return kept;
      const found = await withFile(file, () => rows.select(file, selection));
      for (const row of found) owners.set(row, file);
      return found;
    },
    nodesNamed: (file, partId, name) => withFile(file, () => rows.nodesNamed(file, partId, name)),
    readAll: (file) => withFile(file, () => rows.readAll(file)),
    contentOf: (row) => {
      const file = owners.get(row);
      if (file === undefined) return rows.contentOf(row);
      return withFile(file, async () => (await rows.contentOf(row)) ?? null);
    },
    contentsOf: async (wanted) => {
      const files = new Set(wanted.flatMap((row) => owners.get(row) ?? []));
      try {
        for (const file of files) await copies.fetch(file);
      } catch {
        // Whoever asks for one of them is told what is wrong.
        return wanted.map(() => null);
      }
      return rows.contentsOf(wanted);
    },
    prepare: async (wanted) => {
      const queue = wanted[Symbol.iterator]();
      const worker = async () => {
        for (const file of queue) await copies.fetch(file);
      };
      await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
    },
  };
};

/** Reads a file that is fetched before, again where the copy is removed meanwhile. */
const readCopy = async <A>(copies: CopiedDataFiles, file: DataFile, read: () => Promise<A>): Promise<A> => {
  for (let tries = 1; ; tries += 1) {
    await copies.fetch(file);
    try {
      return await read();
    } catch (error) {
      if (tries === MOST_TRIES || !isMissing(error) || copies.isHere(file)) throw error;
    }
  }
};
