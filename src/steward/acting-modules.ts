// What a reader does not need, loaded together: see `acting.ts`.

export { fsck } from './fsck/fsck.js';
export { initPond } from './init-pond.js';
export { maintain } from './maintain.js';
export { planOfCommit } from './plan-of-commit.js';
export { rebuildControl } from './rebuild-control.js';
export { recover } from './recover.js';
export { replay } from './replay.js';
export { retry } from './retry.js';
export { runByHand } from './run-by-hand.js';
export { runClaims } from './run-claimable.js';
export { listSettings, writeSetting } from './settings-text.js';
export { writeTransaction } from './write-transaction.js';
