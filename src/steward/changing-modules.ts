// Functions that a commit needs, loaded together: see `acting.ts`.

export { initPond } from './commit/init-pond.js';
export { writeTransaction } from './commit/write-transaction.js';
export { runClaims } from './tasks/run-claimable.js';
