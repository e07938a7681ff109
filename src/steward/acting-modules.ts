// What a reader does not need, loaded together: see `acting.ts`.

export { runByHand, runScheduledWriter } from './commit/by-hand/run-by-hand.js';
export { migrateControl } from './commit/writers/writer-lock.js';
export { fsck } from './fsck/fsck.js';
export { gatesOfCommit } from './gates/gates-of-commit.js';
export { commitAt } from './history/commit-at.js';
export { compare } from './history/compare.js';
export { compareRows } from './history/compare-rows.js';
export { pathHistory } from './history/path-history.js';
export { planOfCommit } from './planning/plan-of-commit.js';
export { replay } from './planning/replay.js';
export { refuseInside } from './pond/stores-outside.js';
export { maintain } from './recovery/maintain.js';
export { rebuildControl } from './recovery/rebuild-control.js';
export { recover } from './recovery/recover.js';
export { probeRemote } from './remotes/list-remotes.js';
export { promote, pullReplica } from './remotes/pull-replica.js';
export { pushAsTask } from './remotes/push-as-task.js';
export { pushRemotes } from './remotes/push-remote.js';
export { refuseElsewhere } from './remotes/remote-settings.js';
export { fetchPond } from './remotes/restore.js';
export { verifyRemotes } from './remotes/verify-remote.js';

export { listSettings, writeSetting } from './settings/settings-text.js';
export { cancel } from './task-requests/cancel.js';
export { dismiss } from './task-requests/dismiss.js';
export { outputOf } from './task-requests/output-of.js';
export { retry } from './task-requests/retry.js';
export { waitForCommit } from './task-requests/wait-for-commit.js';
export { withPlaces } from './tasks/places-of-tasks.js';
export { previewWatches } from './watches/preview-watches.js';
