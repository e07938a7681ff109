// Functions that say how a pond is, loaded together: see `acting.ts`.

export { scheduleStatuses } from './firings/schedule-statuses.js';
export { remoteLags, replicaOrigin } from './remotes/list-remotes.js';
export { watchedFolders } from './watches/watched-folders.js';
