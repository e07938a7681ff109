import type { FleetTable } from '../control/fleet-table.js';
import { DEFAULT_QUEUE } from '../domain/plans/task-place.js';
import { calmJob } from './calm-job.js';
import { firingsJob } from './firings/firings-job.js';
import { oneBeforeTheOther } from './first-work.js';
import { givingWay, type HurriedJob } from './giving-way.js';
import type { PondJob } from './pond-job.js';
import type { ServedPond } from './served-pond.js';
import { DEFAULT_CONCURRENCY, type Taking } from './taking.js';
import { fleetJob } from './tasks/fleet-job.js';
import { repairJob } from './tasks/repair-job.js';
import { tasksJob } from './tasks/tasks-job.js';
import { watchesJob } from './watches/watches-job.js';

/**
 * All that a served pond has to do, in the order in which `pond work --once` does it, and `pond serve` begins: what waits in a folder
 * is there before a schedule judges that nothing has come.
 */
export const jobsOf = (served: ServedPond, how: 'serving' | 'once'): readonly PondJob[] => {
  const { fleet } = served.pond;
  const tasks = fleet === null ? null : fleetJob(served, fleet, SERVING);
  const [watches, firings] = [watchesJob(served, how), calmly(served, firingsJob(served), tasks)];
  return [
    // Tasks of a pond that many machines share are taken one by one, those of any other by the commit.
    ...[calmly(served, repairJob(served), tasks), tasks ?? tasksJob(served)],
    ...(how === 'once' ? [watches, firings] : oneBeforeTheOther(watches, firings, served.pond.ports.clock)),
  ];
};

/** Milliseconds between two looks into a store. */
const REST = 2_000;

/** A look at the log costs a request where the pond lies in a store, and tasks wait while it is taken. */
const calmly = ({ pond: { ports } }: ServedPond, job: PondJob, tasks: HurriedJob | null): PondJob =>
  tasks === null ? job : calmJob(givingWay(job, tasks), ports.clock, REST);

const SERVING: Taking = { concurrency: DEFAULT_CONCURRENCY, queues: [DEFAULT_QUEUE], drain: false };

/** Work that a worker has to do: what machines have of their own, such as watched folders, is not among it. */
export const jobsOfWorker = (served: ServedPond, fleet: FleetTable, taking: Taking): readonly PondJob[] => {
  const tasks = fleetJob(served, fleet, taking);
  return [
    ...[calmly(served, repairJob(served), tasks), tasks],
    ...(taking.drain ? [] : [calmly(served, firingsJob(served), tasks)]),
  ];
};
