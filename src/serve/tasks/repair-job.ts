import { getOrElse } from 'fp-ts/lib/Either.js';
import { steps } from '../../effects/steps.js';
import { layout, type Pond } from '../../steward/pond/pond.js';
import { clearAfterDead } from '../../steward/recovery/dead-runners.js';
import { repairPond } from '../../steward/recovery/recover.js';
import { endTransactions } from '../../steward/recovery/repair-transactions.js';
import { findLeftBehind } from '../../steward/recovery/unfinished-work.js';
import { NOTHING_DONE, type PondJob } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';

/** Milliseconds after which it is looked again whether a writer still lives: one that is killed changes nothing. */
const LOOK_AGAIN = 2_000;

/**
 * Repairs what killed processes have left, so that nobody need do it by hand; tasks are left to whoever runs these. The first
 * time it also clears what nothing else tells of: rows and locks of dead runners, files on their way.
 */
export const repairJob = ({ pond }: ServedPond): PondJob => {
  let isFirst = true;
  return {
    name: 'repair',
    work: ({ signal }) =>
      steps(async ({ run }) => {
        const hasStagedLeft = isFirst && hasStaged(pond) && !(await hasWriter(pond));
        const { isInterrupted, endless } = await run(findLeftBehind(pond));
        // Writers wait for this: what needs no lock is done without it.
        if (hasStagedLeft || isInterrupted) await run(repairPond(pond, signal));
        else {
          await run(endTransactions(pond, endless));
          if (isFirst || endless.length > 0) await run(clearAfterDead(pond));
        }
        isFirst = false;
        return NOTHING_DONE;
      }),
    nextDue: () =>
      steps(async ({ run }) => {
        const open = await run(pond.control.findIncompleteTransactions());
        return open.some(({ dataCommitted }) => !dataCommitted)
          ? pond.ports.clock.nowMicros() + LOOK_AGAIN * 1000
          : null;
      }),
  };
};

/** Tells whether somebody writes, or may write: then what is on its way is not left over. */
const hasWriter = async ({ writerLock }: Pond): Promise<boolean> =>
  getOrElse(() => true)(await writerLock.isHeld()());

const hasStaged = ({ ports, directory }: Pond): boolean =>
  getOrElse((): readonly unknown[] => [])(ports.files.readDirectory(`${layout(directory).data}/_staging`)())
    .length > 0;
