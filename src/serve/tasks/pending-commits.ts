import type { TaskStatus } from '../../control/records/task-status.js';
import { printTaskId } from '../../domain/plans/task-id.js';

/** An unfinished task, with the live runner that holds it, if any. */
export type UnfinishedTask = TaskStatus & { readonly runner: object | null };

/** Unfinished tasks of one commit, or of one firing, that can be run now. */
export interface PendingCommit {
  readonly txnSeq: number;
  /** Id of the commit's transaction; name of the firing. */
  readonly id: string;
  readonly isFiring: boolean;
  readonly tasks: readonly UnfinishedTask[];
  /** Changes as soon as anything about the commit's unfinished tasks does. */
  readonly mark: string;
}

/**
 * Chooses the commits whose tasks can be run now, oldest first: those whose time has come and that nobody holds. A commit
 * waits while another one's task of the same entry is running or comes before it, so that each entry sees the commits in
 * their order, and while somebody else runs tasks of its own.
 *
 * `unfinished`: oldest commit first. `running`: ids of those that are run here already.
 */
export const pendingCommits = (
  unfinished: readonly UnfinishedTask[],
  running: ReadonlySet<string>,
  now: number,
): readonly PendingCommit[] => {
  const taken = new Set<string>();
  return [...byCommit(unfinished)].flatMap(([id, tasks]): readonly PendingCommit[] => {
    const isDue = ({ notBefore }: TaskStatus) => notBefore === null || notBefore <= now;
    const due = tasks.filter((task) => task.runner === null && isDue(task));
    const isHeld = running.has(id) || tasks.some(({ runner }) => runner !== null);
    const waits = isHeld || due.some(({ configPath }) => taken.has(configPath));
    for (const { configPath } of isHeld ? tasks : due) taken.add(configPath);
    const [first] = due;
    return waits || first === undefined
      ? []
      : [
          {
            txnSeq: first.parentTxnSeq,
            id,
            isFiring: first.firing !== undefined,
            tasks: due,
            mark: markOf(tasks, due.length),
          },
        ];
  });
};

/** The next time at which a task may begin that may not begin yet; null: there is none. */
export const nextBeginning = (unfinished: readonly UnfinishedTask[], now: number): number | null => {
  const times = unfinished.flatMap(({ runner, notBefore }) =>
    runner === null && notBefore !== null && notBefore > now ? [notBefore] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
};

const byCommit = (tasks: readonly UnfinishedTask[]): ReadonlyMap<string, readonly UnfinishedTask[]> => {
  const commits = new Map<string, UnfinishedTask[]>();
  for (const task of tasks) {
    const known = commits.get(task.txnId);
    if (known === undefined) commits.set(task.txnId, [task]);
    else known.push(task);
  }
  return commits;
};

const markOf = (tasks: readonly UnfinishedTask[], due: number): string =>
  [due, ...tasks.map((task) => `${printTaskId(task)} ${task.state} ${task.attempts}`)].join(',');
