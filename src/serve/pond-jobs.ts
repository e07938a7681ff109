import { firingsJob } from './firings/firings-job.js';
import type { PondJob } from './pond-job.js';
import type { ServedPond } from './served-pond.js';
import { repairJob } from './tasks/repair-job.js';
import { tasksJob } from './tasks/tasks-job.js';
import { watchesJob } from './watches/watches-job.js';

/** All that a served pond has to do, in the order in which `pond work --once` does it. */
export const jobsOf = (served: ServedPond, how: 'serving' | 'once'): readonly PondJob[] => [
  ...[repairJob(served), tasksJob(served)],
  ...[firingsJob(served), watchesJob(served, how)],
];
