import { nameOf, parentOf } from '../operations/host-path.js';
import type { HostEntryKind } from '../steps/host-error.js';

/** Entry at a path once the operations before have been executed. */
export interface ViewEntry {
  readonly kind: HostEntryKind;
  /** The plan puts it there: of a directory, nothing is in it but what the plan puts there, too. */
  readonly isNew: boolean;
}

/** Entries that the operations before put at paths, and take away from them. */
export interface PlannedEntries {
  /** Null: there will be nothing; undefined: no operation changes it. */
  readonly at: (path: string) => ViewEntry | null | undefined;
  readonly put: (path: string, kind: HostEntryKind | null) => void;
  /** Names that change in a directory. */
  readonly namesIn: (directory: string) => ReadonlySet<string>;
}

const NEW: Readonly<Record<HostEntryKind, ViewEntry>> = {
  file: { kind: 'file', isNew: true },
  directory: { kind: 'directory', isNew: true },
  symlink: { kind: 'symlink', isNew: true },
  other: { kind: 'other', isNew: true },
};

const NONE: ReadonlySet<string> = new Set();

export const plannedEntries = (): PlannedEntries => {
  const changed = new Map<string, ViewEntry | null>();
  /** Made when it is first asked for, which few plans do. */
  let byDirectory: Map<string, Set<string>> | null = null;

  return {
    at: (path) => changed.get(path),
    put: (path, kind) => {
      changed.set(path, kind === null ? null : NEW[kind]);
      if (byDirectory !== null) addName(byDirectory, path);
    },
    namesIn: (directory) => {
      if (byDirectory === null) {
        byDirectory = new Map();
        for (const path of changed.keys()) addName(byDirectory, path);
      }
      return byDirectory.get(directory) ?? NONE;
    },
  };
};

const addName = (byDirectory: Map<string, Set<string>>, path: string): void => {
  const parent = parentOf(path);
  const names = byDirectory.get(parent) ?? new Set();
  names.add(nameOf(path));
  byDirectory.set(parent, names);
};
