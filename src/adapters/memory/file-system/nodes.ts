/** Attributes that `chmod` and `setModifiedAt` change. */
export interface Attributes {
  readonly mode: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
}

interface Inode {
  readonly device: bigint;
  readonly inode: bigint;
  attributes: Attributes;
  /** The attributes at the last fsync. */
  syncedAttributes: Attributes;
}

export interface FileNode extends Inode {
  readonly kind: 'file';
  links: number;
  /** Bytes, `size` of them or more; those before `size` never change. */
  bytes: Uint8Array;
  size: number;
  /** Number of bytes that are durable. */
  syncedSize: number;
}

export interface SymlinkNode extends Inode {
  readonly kind: 'symlink';
  readonly target: string;
  links: number;
}

export interface DirectoryNode extends Inode {
  readonly kind: 'directory';
  readonly isMountPoint: boolean;
  readonly entries: Map<string, Node>;
  /** The entries that a power loss cannot take away. */
  readonly durable: Map<string, Node>;
  /** The latest change of each name that is not durable yet. */
  readonly changes: Map<string, PendingChange>;
  /** Null: the root. */
  parent: DirectoryNode | null;
}

export type Node = FileNode | SymlinkNode | DirectoryNode;

/** One entry of a directory as a change leaves it; null: it is gone. */
export interface EntryEdit {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: Node | null;
}

/** A change of entries that happens as a whole or not at all, and that no fsync has made durable yet. */
export interface PendingChange {
  /** The system call. */
  readonly call: string;
  readonly path: string;
  readonly edits: readonly EntryEdit[];
  /** Changes that cannot be missing where this is there. */
  readonly after: readonly PendingChange[];
}

/** All that there is: the entries that processes see, and what of them a power loss would take away. */
export interface Disk {
  readonly root: DirectoryNode;
  /** Changes in the order in which they were made. */
  readonly pending: Set<PendingChange>;
  inodes: bigint;
}

/** A disk with nothing but a root. */
export const newDisk = (attributes: Attributes): Disk => ({
  root: directoryWith({ device: 1n, inode: 1n, attributes, syncedAttributes: attributes }, null, true),
  pending: new Set(),
  inodes: 1n,
});

export const newFile = (disk: Disk, device: bigint, attributes: Attributes): FileNode => ({
  ...newInode(disk, device, attributes),
  kind: 'file',
  links: 1,
  bytes: new Uint8Array(0),
  size: 0,
  syncedSize: 0,
});

export const newSymlink = (
  disk: Disk,
  device: bigint,
  { target, ...attributes }: Attributes & { readonly target: string },
): SymlinkNode => ({ ...newInode(disk, device, attributes), kind: 'symlink', target, links: 1 });

/** An empty directory for `parent`. With a device of its own it is a mount point. */
export const newDirectory = (
  disk: Disk,
  parent: DirectoryNode,
  attributes: Attributes,
  device: bigint | null = null,
): DirectoryNode =>
  directoryWith(newInode(disk, device ?? parent.device, attributes), parent, device !== null);

const directoryWith = (inode: Inode, parent: DirectoryNode | null, isMountPoint: boolean): DirectoryNode => ({
  ...inode,
  kind: 'directory',
  isMountPoint,
  entries: new Map(),
  durable: new Map(),
  changes: new Map(),
  parent,
});

const newInode = (disk: Disk, device: bigint, attributes: Attributes): Inode => {
  disk.inodes += 1n;
  return { device, inode: disk.inodes, attributes, syncedAttributes: attributes };
};
