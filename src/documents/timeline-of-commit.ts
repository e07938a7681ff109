import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { PondError } from '../steward/errors.js';
import type { Incomplete } from '../steward/shapes/upkeep.js';
import type { Steward } from '../steward/steward.js';
import { type CommitTimeline, commitTimeline, firingTimeline } from './commit-timeline.js';

/** A commit that is in the data's log, but not (yet) in the control table. */
export interface CommitNotRecorded {
  readonly _tag: 'CommitNotRecorded';
  readonly txnSeq: number;
}

/** Everything is read from the control table; the data's log only says whether there is such a commit at all. */
export const timelineOf = (
  steward: Pick<Steward, 'derived' | 'incomplete' | 'records' | 'tasks' | 'transactions'>,
  txnSeq: number,
  now: () => number,
): TE.TaskEither<PondError | CommitNotRecorded, CommitTimeline> =>
  steps(async ({ run, fail }) => {
    // Refuses the number of a transaction that is not there.
    await run(steward.tasks(txnSeq));
    const derived = await run(steward.derived(txnSeq));
    const incomplete = await run(steward.incomplete({ failedTasks: 0 }));
    const timelines: Omit<CommitTimeline, 'derived'>[] = [];
    for (const seq of [txnSeq, ...derived.map((commit) => commit.txnSeq)]) {
      timelines.push(await run(oneTimeline(steward, seq, incomplete, now())));
    }
    const [own, ...others] = timelines;
    return own === undefined ? fail({ _tag: 'CommitNotRecorded', txnSeq }) : { ...own, derived: others };
  });

/** The same of a firing, `PATH@TIME`. `TaskNotFound` where there is none. */
export const timelineOfFiring = (
  steward: Pick<Steward, 'firing' | 'incomplete' | 'records'>,
  name: string,
  now: () => number,
): TE.TaskEither<PondError, CommitTimeline> =>
  steps(async ({ run, fail }) => {
    const tasks = await run(steward.firing(name));
    const { tasks: unfinished } = await run(steward.incomplete({ failedTasks: 0 }));
    const records = await run(steward.records({ txnId: name }));
    const timeline = firingTimeline(name, tasks, records, { unfinished, now: now() });
    return timeline ?? fail({ _tag: 'TaskNotFound', task: name });
  });

const oneTimeline = (
  steward: Pick<Steward, 'records' | 'transactions'>,
  txnSeq: number,
  incomplete: Incomplete,
  now: number,
): TE.TaskEither<PondError | CommitNotRecorded, Omit<CommitTimeline, 'derived'>> =>
  steps(async ({ run, fail }) => {
    const writes = await run(steward.transactions({ limit: null, txnSeq, transactionTypes: ['write'] }));
    // A write that failed, or has not committed yet, had the same number in mind.
    const commit = writes.find(({ dataFsVersion }) => dataFsVersion !== null);
    if (commit === undefined) return fail({ _tag: 'CommitNotRecorded', txnSeq });
    const records = await run(steward.records({ txnId: commit.txnId }));
    return commitTimeline(commit, records, incomplete.tasks, now);
  });
