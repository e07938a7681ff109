// What a reader of the table does not need, loaded together when somebody writes.

export { checkpoint } from './maintenance/checkpoint.js';
export { forget } from './maintenance/forget.js';
export { mergeFiles } from './maintenance/merge.js';
export { packHistory } from './maintenance/pack-history.js';
export { repairCheckpoints } from './maintenance/repair-checkpoints.js';
export { removeStrays, strays, sweep } from './maintenance/sweep.js';
export { openWriter } from './transactions/write-transaction.js';
