import { steps } from '../../effects/steps.js';
import { repairPond } from '../../steward/recovery/recover.js';
import { needsRepair } from '../../steward/recovery/unfinished-work.js';
import { NOTHING_DONE, type PondJob } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';

/** Milliseconds after which it is looked again whether a writer still lives: one that is killed changes nothing. */
const LOOK_AGAIN = 2_000;

/** Repairs what killed processes have left, so that nobody need do it by hand; tasks are left to whoever runs these. */
export const repairJob = ({ pond }: ServedPond): PondJob => ({
  name: 'repair',
  work: ({ signal }) =>
    steps(async ({ run }) => {
      if (!(await run(needsRepair(pond)))) return NOTHING_DONE;
      await run(repairPond(pond, signal));
      return NOTHING_DONE;
    }),
  nextDue: () =>
    steps(async ({ run }) => {
      const open = await run(pond.control.findIncompleteTransactions());
      return open.some(({ dataCommitted }) => !dataCommitted)
        ? pond.ports.clock.nowMicros() + LOOK_AGAIN * 1000
        : null;
    }),
});
