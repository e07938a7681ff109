import { applyEdits } from './changes.js';
import {
  type Attributes,
  type DirectoryNode,
  type Disk,
  type Node,
  newDirectory,
  newDisk,
  newFile,
  newSymlink,
  type PendingChange,
} from './nodes.js';

/** Something that was done and not fsynced. */
export type Unsynced =
  | {
      /** Entries that were made, removed or renamed. A rename of a file into another directory is two: the new name, then the old one. */
      readonly _tag: 'Entries';
      /** The system call that did it: `open`, `mkdir`, `symlink`, `link`, `unlink`, `rmdir`, `rename`. */
      readonly call: string;
      readonly path: string;
    }
  /** The mode of the entry at `path`, and when it is not a directory its modification time. */
  | { readonly _tag: 'Attributes'; readonly path: string };

/** A file whose last bytes were not fsynced. */
export interface UnsyncedFile {
  readonly path: string;
  /** Bytes that are durable, and bytes that were written. */
  readonly synced: number;
  readonly size: number;
}

/**
 * Decides what a power loss leaves of what was not fsynced. It is asked about entries in the order in which they were
 * changed, but not about one that rests on a lost one. Keeping the first few and losing the rest is what a journal
 * does; any other choice is what POSIX allows.
 */
export interface PowerLoss {
  /** Tells whether a change that was not fsynced is there afterwards. */
  readonly survives: (what: Unsynced) => boolean;
  /** Number of the file's first bytes that survive: from `synced` to `size`. */
  readonly keptBytes: (file: UnsyncedFile) => number;
}

/** A power loss after which only what was fsynced is there. */
export const loseEverything: PowerLoss = { survives: () => false, keptBytes: ({ synced }) => synced };

/** A power loss after which everything is there, as after the end of a process. */
export const loseNothing: PowerLoss = { survives: () => true, keptBytes: ({ size }) => size };

/** The disk as it is found after a power loss; the given one stays as it is. */
export const afterPowerLoss = (disk: Disk, loss: PowerLoss): Disk => {
  const entries = entriesThatSurvive(disk, loss);
  const survivor = newDisk(attributesThatSurvive(disk.root, '/', loss));
  const copies = new Map<Node, Node>();

  const copyInto = (directory: DirectoryNode, original: DirectoryNode, path: string): void => {
    for (const [name, node] of entries(original)) {
      const copy = copyOf(node, directory, `${path}/${name}`);
      directory.entries.set(name, copy);
      directory.durable.set(name, copy);
    }
  };
  const copyOf = (node: Node, parent: DirectoryNode, path: string): Node => {
    const known = copies.get(node);
    if (known !== undefined && known.kind !== 'directory') {
      known.links += 1;
      return known;
    }
    const copy = newCopy(node, parent, path);
    copies.set(node, copy);
    if (node.kind === 'directory' && copy.kind === 'directory') copyInto(copy, node, path);
    return copy;
  };
  const newCopy = (node: Node, parent: DirectoryNode, path: string): Node => {
    const attributes = attributesThatSurvive(node, path, loss);
    const { device, inode } = node;
    if (node.kind === 'symlink') {
      return { ...newSymlink(survivor, device, { ...attributes, target: node.target }), inode };
    }
    if (node.kind === 'directory') {
      return { ...newDirectory(survivor, parent, attributes, node.isMountPoint ? device : null), inode };
    }
    const bytes = bytesThatSurvive(node, path, loss);
    const size = bytes.length;
    return { ...newFile(survivor, device, attributes), inode, bytes, size, syncedSize: size };
  };

  copyInto(survivor.root, disk.root, '');
  // Nodes keep their numbers, and nobody gets the number of one that was lost.
  survivor.inodes = disk.inodes;
  return survivor;
};

const entriesThatSurvive = (disk: Disk, loss: PowerLoss) => {
  const changed = new Map<DirectoryNode, Map<string, Node>>();
  const entries = (directory: DirectoryNode) => changed.get(directory) ?? directory.durable;
  const lost = new Set<PendingChange>();
  for (const change of disk.pending) {
    const { call, path, edits, after } = change;
    if (after.some((earlier) => lost.has(earlier)) || !loss.survives({ _tag: 'Entries', call, path })) {
      lost.add(change);
      continue;
    }
    for (const { directory } of edits) changed.set(directory, new Map(entries(directory)));
    applyEdits(edits, ({ directory }) => entries(directory));
  }
  return entries;
};

const attributesThatSurvive = (node: Node, path: string, loss: PowerLoss): Attributes => {
  const { attributes, syncedAttributes: synced } = node;
  const isSynced =
    attributes.mode === synced.mode &&
    (node.kind === 'directory' || attributes.modifiedAt === synced.modifiedAt);
  return isSynced || loss.survives({ _tag: 'Attributes', path }) ? attributes : synced;
};

const bytesThatSurvive = (
  { bytes, size, syncedSize: synced }: Extract<Node, { readonly kind: 'file' }>,
  path: string,
  loss: PowerLoss,
): Uint8Array => {
  const kept = synced === size ? size : loss.keptBytes({ path, synced, size });
  return bytes.slice(0, Math.min(size, Math.max(synced, kept)));
};
