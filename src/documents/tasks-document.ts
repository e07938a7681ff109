import type { TaskStatus } from '../control/records/task-status.js';
import type { JsonObject } from '../domain/documents/json.js';
import type { TasksAsked } from '../steward/shapes/call-reports.js';
import { taskDocument } from './task-document.js';

/** Tasks as a document, with the commit or the firing that was asked for. */
export const tasksDocument = (asked: TasksAsked, tasks: readonly TaskStatus[]): JsonObject => ({
  ...('firing' in asked ? { firing: asked.firing } : { txn_seq: asked.txnSeq }),
  tasks: tasks.map(taskDocument),
});
