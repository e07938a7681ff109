import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { Change } from '../../domain/tree/change.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import { type NodeInSpan, nodesInSpan } from './span.js';

/**
 * Changes of one transaction, sorted by path (bytes of UTF-8). The same for a transaction that is still being written
 * (the view is its writer) and for any later view: the rows of a node before the transaction are compared with those of
 * the transaction, and later ones are ignored.
 *
 * - What was renamed or moved is `renamed`, and so is everything below a renamed directory. If it has new content as
 *   well, it is also `modified`.
 * - Of a removed directory everything in it is `deleted`.
 * - What was replaced by something else of the same path is `deleted`, the other `created` or `renamed`.
 */
export const changesOf = (
  view: PersistenceView,
  txnSeq: number,
): TE.TaskEither<PersistenceError, readonly Change[]> =>
  pipe(
    nodesInSpan(view, { since: txnSeq - 1, upTo: txnSeq }),
    TE.map((nodes) => nodes.flatMap(changeOfNode).sort(compareChanges)),
  );

/** Returns what became of one node: nothing, one change, or a rename and a new content. */
export const changeOfNode = ({ from, path, written, before, after }: NodeInSpan): readonly Change[] => {
  const entryType = after.fileType;
  if (path === null) return from === null ? [] : [{ kind: 'deleted', path: from, entryType }];
  if (from === null) return [{ kind: 'created', path, entryType }];
  const renamed: readonly Change[] = from === path ? [] : [{ kind: 'renamed', path, from, entryType }];
  const modified =
    written.some((row) => row.storageFormat !== 'none') ||
    // Which versions a series has, and how they are read, stands in its attributes.
    (entryType === 'series' && before?.attributes !== after.attributes);
  return modified ? [...renamed, { kind: 'modified', path, entryType }] : renamed;
};

const KIND_ORDER: Readonly<Record<Change['kind'], number>> = {
  deleted: 0,
  renamed: 1,
  created: 2,
  modified: 3,
};

const compareChanges = (a: Change, b: Change): number =>
  compareUtf8(a.path, b.path) || KIND_ORDER[a.kind] - KIND_ORDER[b.kind];
