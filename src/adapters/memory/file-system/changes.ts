import type { Disk, EntryEdit, Node, PendingChange } from './nodes.js';

/*
 * What an fsync makes durable. A change of entries waits until one of its directories is fsynced. A change of a name
 * comes after the earlier changes of that name: so no rename survives the making of what it renamed.
 */

interface Change {
  readonly call: string;
  readonly path: string;
  readonly edits: readonly EntryEdit[];
}

/** Changes entries, for now only as far as processes see. */
export const change = (
  disk: Disk,
  made: Change,
  now: number,
  after: readonly PendingChange[] = [],
): PendingChange => {
  applyEdits(made.edits, ({ directory }) => directory.entries);
  for (const { directory } of made.edits) {
    directory.attributes = { ...directory.attributes, modifiedAt: now };
  }
  const earlier = made.edits.flatMap(({ directory, name }) => directory.changes.get(name) ?? []);
  const pending = { ...made, after: [...after, ...earlier] };
  for (const { directory, name } of made.edits) directory.changes.set(name, pending);
  disk.pending.add(pending);
  return pending;
};

/** Enters edits into the maps that are chosen for their directories. */
export const applyEdits = (
  edits: readonly EntryEdit[],
  entriesOf: (edit: EntryEdit) => Map<string, Node>,
): void => {
  for (const edit of edits) {
    if (edit.node === null) entriesOf(edit).delete(edit.name);
    else entriesOf(edit).set(edit.name, edit.node);
  }
};

/** Makes durable what fsync promises: a file's bytes, or a directory's entries, and the attributes of both. */
export const makeDurable = (disk: Disk, node: Node): void => {
  node.syncedAttributes = node.attributes;
  if (node.kind === 'file') node.syncedSize = node.size;
  if (node.kind !== 'directory') return;
  const durable = new Set<PendingChange>();
  const include = (pending: PendingChange): void => {
    if (durable.has(pending)) return;
    durable.add(pending);
    for (const earlier of pending.after) include(earlier);
  };
  for (const pending of disk.pending) {
    if (pending.edits.some(({ directory }) => directory === node)) include(pending);
  }
  for (const pending of [...disk.pending].filter((change) => durable.has(change))) {
    applyEdits(pending.edits, ({ directory }) => directory.durable);
    disk.pending.delete(pending);
    for (const { directory, name } of pending.edits) {
      if (directory.changes.get(name) === pending) directory.changes.delete(name);
    }
  }
};
