import type { JsonObject } from '../domain/documents/json.js';
import type { DerivedCommit, WriteOutcome } from '../steward/shapes/transactions.js';
import { taskDocument } from './task-document.js';

/** A write in JSON. What is as it should be is left out: suppression, durability, recording. */
export const writeDocument = <A>(outcome: WriteOutcome<A>): JsonObject => {
  const identity = {
    txn_seq: outcome.txnSeq,
    txn_id: outcome.txnId,
    data_fs_version: outcome.dataFsVersion,
  };
  if (outcome._tag === 'Unchanged') return { ...identity, status: 'completed', tasks: [] };
  return {
    ...identity,
    status: 'committed',
    tasks: outcome.tasks.map(taskDocument),
    ...(outcome.causedBy.length === 0 ? {} : { caused_by: outcome.causedBy }),
    ...(outcome.deferredTo === null ? {} : { deferred_to: outcome.deferredTo }),
    ...(outcome.inBackground ? { in_background: true } : {}),
    ...(outcome.derived.length === 0 ? {} : { derived: outcome.derived.map(derivedDocument) }),
    ...(outcome.suppressed === null ? {} : { suppressed: outcome.suppressed }),
    ...(outcome.durability === 'durable' ? {} : { durability: outcome.durability }),
    ...(outcome.recorded ? {} : { recorded: false }),
    ...(outcome.tasksKnown ? {} : { tasks_known: false }),
  };
};

const derivedDocument = ({ txnSeq, causedBy, tasks }: DerivedCommit): JsonObject => ({
  txn_seq: txnSeq,
  caused_by: causedBy,
  tasks: tasks.map(taskDocument),
});
