import type { HostOperation } from '../../../host-plans/operations/host-operation.js';
import { ancestorsOf } from '../../../host-plans/operations/host-path.js';
import { MANIFEST_NAME, type Manifest, printManifest } from './host-export-manifest.js';

/** A file that is to be in the target. */
export interface ExportedFile {
  /** Its path below the target (or below the version's directory), without a `/` in front. */
  readonly name: string;
  /** Path at which its content waits; null where the target has it already. */
  readonly staged: string | null;
  readonly sha256: string;
}

/** State that publishing starts from. */
export interface ExportState {
  readonly target: string;
  readonly manifest: Manifest;
  readonly txnSeq: number;
  /** Directories of the host that are not there: of those on the way to the target, and below it. */
  readonly isMissing: (path: string) => boolean;
  /** Names in a directory of the host. */
  readonly namesIn: (path: string) => readonly string[];
}

/** Plan that brings the target to the commit's state. Only what was exported before is replaced or removed. */
export const mirrorOperations = (
  state: ExportState,
  files: readonly ExportedFile[],
  /** Files of the manifest that are still as they were exported. */
  unchanged: ReadonlySet<string>,
): { readonly operations: readonly HostOperation[]; readonly manifest: Manifest } => {
  const { target, manifest } = state;
  const at = (name: string) => `${target}/${name}`;
  // By itself a name says nothing: `constructor` is in every object.
  const isOurs = (name: string) => Object.hasOwn(manifest.files, name);
  const wanted = new Set(files.map(({ name }) => name));
  const removed = Object.keys(manifest.files).filter((name) => !wanted.has(name) && unchanged.has(name));
  const needed = new Set(files.flatMap(({ name }) => directoriesOf(name)));
  const emptied = emptiedDirectories(state, new Set(removed), needed);
  const made = [...needed].filter((name) => state.isMissing(at(name)) || removed.includes(name));
  const next: Manifest = {
    ...manifest,
    txn_seq: state.txnSeq,
    // A file of somebody else's that has the wanted content already stays somebody else's.
    files: Object.fromEntries(
      files.flatMap(({ name, staged, sha256 }) =>
        staged === null && !isOurs(name) ? [] : [[name, sha256] as const],
      ),
    ),
    directories: [
      ...new Set([...manifest.directories.filter((name) => needed.has(name)), ...made]),
    ].toSorted(),
  };
  return {
    manifest: next,
    operations: [
      ...wayTo(state, target),
      ...made.map((name): HostOperation => ({ id: `mkdir ${name}`, kind: 'DirCreate', path: at(name) })),
      ...files.flatMap(({ name, staged }): readonly HostOperation[] =>
        staged === null ? [] : [placeOf({ name, staged, to: at(name), replace: isOurs(name) })],
      ),
      ...removed.map((name): HostOperation => ({ id: `rm ${name}`, kind: 'FileDelete', path: at(name) })),
      ...emptied.map((name): HostOperation => ({ id: `rmdir ${name}`, kind: 'DirDelete', path: at(name) })),
      manifestOperation(target, next),
    ],
  };
};

/** A new directory for the commit, the flip of `current` to it, and the end of versions that are too old. */
export const versionOperations = (
  state: ExportState,
  files: readonly ExportedFile[],
  { keep, current }: { readonly keep: number; readonly current: string | null },
): { readonly operations: readonly HostOperation[]; readonly manifest: Manifest } => {
  const { target, manifest, txnSeq } = state;
  const directory = `${target}/v${txnSeq}`;
  const versions = [...manifest.versions.filter((seq) => seq !== txnSeq), txnSeq];
  // What `current` leads to until now may still be being read: it stays until the next publication.
  const kept = versions.filter((seq, place) => place >= versions.length - keep || `v${seq}` === current);
  const old = versions.filter((seq) => !kept.includes(seq) && !state.isMissing(`${target}/v${seq}`));
  const needed = new Set(files.flatMap(({ name }) => directoriesOf(name)));
  const next: Manifest = { ...manifest, txn_seq: txnSeq, versions: kept };
  return {
    manifest: next,
    operations: [
      ...wayTo(state, target),
      { id: 'version', kind: 'DirCreate', path: directory },
      ...[...needed].map(
        (name): HostOperation => ({ id: `mkdir ${name}`, kind: 'DirCreate', path: `${directory}/${name}` }),
      ),
      ...files.flatMap(({ name, staged }): readonly HostOperation[] =>
        staged === null ? [] : [placeOf({ name, staged, to: `${directory}/${name}`, replace: false })],
      ),
      {
        id: 'current',
        kind: 'LinkCreate',
        source: directory,
        target: `${target}/current`,
        mode: 'relative',
        replace: true,
      },
      ...old.map(
        (seq): HostOperation => ({ id: `prune v${seq}`, kind: 'DirRemoveAll', path: `${target}/v${seq}` }),
      ),
      manifestOperation(target, next),
    ],
  };
};

interface PlacedFile {
  readonly name: string;
  readonly staged: string;
  readonly to: string;
  /** Tells whether what is there is to be replaced. */
  readonly replace: boolean;
}

const placeOf = ({ name, staged, to, replace }: PlacedFile): HostOperation => ({
  id: `put ${name}`,
  kind: 'FileMove',
  from: staged,
  to,
  replace,
});

const manifestOperation = (target: string, manifest: Manifest): HostOperation => ({
  id: 'manifest',
  kind: 'FileWrite',
  path: `${target}/${MANIFEST_NAME}`,
  content: printManifest(manifest),
  replace: true,
});

/** The target, and the directories above it that are missing. */
const wayTo = ({ isMissing }: ExportState, target: string): readonly HostOperation[] =>
  [target, ...ancestorsOf(target)]
    .filter(isMissing)
    .map((path): HostOperation => ({ id: `target ${path}`, kind: 'DirCreate', path }));

/** `a/b/c.txt` lies in `a` and `a/b`. */
const directoriesOf = (name: string): readonly string[] =>
  ancestorsOf(`/${name}`).map((path) => path.slice(1));

/** Directories that were made for exported files and now hold nothing but what is removed, the inner ones first. */
const emptiedDirectories = (
  { target, manifest, isMissing, namesIn }: ExportState,
  removed: ReadonlySet<string>,
  needed: ReadonlySet<string>,
): readonly string[] => {
  const emptied = new Set<string>();
  for (const name of manifest.directories.toSorted().toReversed()) {
    if (needed.has(name)) continue;
    const isGoing = (inner: string) => removed.has(`${name}/${inner}`) || emptied.has(`${name}/${inner}`);
    const path = `${target}/${name}`;
    if (!isMissing(path) && namesIn(path).every(isGoing)) emptied.add(name);
  }
  return [...emptied];
};
