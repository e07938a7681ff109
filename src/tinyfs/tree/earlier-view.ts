import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';

/** The same view bounded by an earlier transaction: what was written later is not there. */
export const earlierView = (view: PersistenceView, txnSeq: number): PersistenceView => {
  const bounded = (
    rows: TE.TaskEither<PersistenceError, readonly NodeRow[]>,
  ): TE.TaskEither<PersistenceError, readonly NodeRow[]> =>
    pipe(
      rows,
      TE.map((all) => all.filter((row) => row.txnSeq <= txnSeq)),
    );
  return {
    txnSeq,
    rowsOf: (partId) => bounded(view.rowsOf(partId)),
    rowsOfNode: (nodeId) => bounded(view.rowsOfNode(nodeId)),
    rowsOfTransaction: (wanted) => bounded(view.rowsOfTransaction(wanted)),
    rowsAfter: (after) => bounded(view.rowsAfter(after)),
    open: view.open,
    ...(view.fileOf === undefined ? {} : { fileOf: view.fileOf }),
    ...(view.inlineOf === undefined ? {} : { inlineOf: view.inlineOf }),
    ...(view.inlineOfEach === undefined ? {} : { inlineOfEach: view.inlineOfEach }),
  };
};
