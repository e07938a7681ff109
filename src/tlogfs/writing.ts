// What a reader of the table does not need, loaded together when somebody writes.

export { writeCheckpoint } from './checkpoint-writing.js';
export { mergeFiles } from './merge.js';
export { repairCheckpoints } from './repair-checkpoints.js';
export { sweep } from './sweep.js';
export { openWriter } from './write-transaction.js';
