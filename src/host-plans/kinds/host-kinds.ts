import type { HostOperation, HostOperationKind } from '../operations/host-operation.js';
import { dirCopy } from './dir-copy.js';
import { dirCreate } from './dir-create.js';
import { fileBackup, fileCopy } from './file-copies.js';
import { fileMove } from './file-move.js';
import { fileWrite } from './file-write.js';
import type { HostKind } from './host-kind.js';
import { linkCreate } from './link-create.js';
import { dirDelete, dirRemoveAll, fileDelete, linkDelete } from './removals.js';

/** Every kind of operation, as one record each. */
const KINDS: { readonly [K in HostOperationKind]: HostKind<K> } = {
  LinkCreate: linkCreate,
  LinkDelete: linkDelete,
  DirCreate: dirCreate,
  DirDelete: dirDelete,
  DirRemoveAll: dirRemoveAll,
  FileMove: fileMove,
  FileBackup: fileBackup,
  FileCopy: fileCopy,
  DirCopy: dirCopy,
  FileWrite: fileWrite,
  FileDelete: fileDelete,
};

/** The record of an operation's kind. */
export const kindOf = <K extends HostOperationKind>(
  operation: HostOperation & { readonly kind: K },
): HostKind<K> => KINDS[operation.kind];
