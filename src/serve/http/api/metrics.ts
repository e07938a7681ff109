import { isLeft } from 'fp-ts/lib/Either.js';
import type { PondStatus } from '../../../steward/shapes/call-reports.js';
import type { ShownPond } from '../exchange/shown-pond.js';

/** A pond as a row of each metric; null: it could not be asked. */
interface Asked {
  readonly name: string;
  readonly status: PondStatus | null;
  /** Time of the newest commit, in microseconds since the epoch. */
  readonly committedAt: number | null;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  /** Default: a gauge. */
  readonly type?: 'counter';
  readonly samples: (pond: Asked) => readonly (readonly [labels: string, value: number])[];
}

const gauge = (name: string, help: string, value: (status: PondStatus) => number): Metric => ({
  name,
  help,
  samples: ({ status }) => (status === null ? [] : [['', value(status)]]),
});

const METRICS: readonly Metric[] = [
  {
    name: 'pond_up',
    help: 'Tells whether the pond could be asked.',
    samples: ({ status }) => [['', status === null ? 0 : 1]],
  },
  gauge('pond_last_txn_seq', 'Number of the newest commit.', ({ lastTxnSeq }) => lastTxnSeq),
  {
    name: 'pond_last_commit_timestamp_seconds',
    help: 'Time of the newest write, in seconds since the epoch.',
    samples: ({ committedAt }) => (committedAt === null ? [] : [['', committedAt / 1e6]]),
  },
  gauge(
    'pond_failed_tasks',
    'Tasks that failed and are not settled.',
    ({ incomplete }) => incomplete.failed.tasks,
  ),
  gauge(
    'pond_unfinished_tasks',
    'Tasks that have not ended and that no live process holds.',
    ({ incomplete }) => incomplete.tasks.filter(({ runner }) => runner === null).length,
  ),
  gauge(
    'pond_running_tasks',
    'Tasks that a live process holds.',
    ({ incomplete }) => incomplete.tasks.filter(({ runner }) => runner !== null).length,
  ),
  gauge(
    'pond_unfinished_transactions',
    'Transactions without an end that no live process is at.',
    ({ incomplete }) => incomplete.transactions.filter(({ isRunning }) => !isRunning).length,
  ),
  gauge('pond_pending_tasks', 'Tasks that have not begun.', ({ fleet }) => fleet.queue.pending),
  gauge(
    'pond_oldest_pending_task_seconds',
    'Seconds for which the oldest task that has not begun has waited; 0: there is none.',
    ({ fleet }) => (fleet.queue.oldestAgeMs ?? 0) / 1000,
  ),
  gauge(
    'pond_runners',
    'Live processes that run tasks, each with a lock or a lease.',
    ({ fleet }) => fleet.workers.length,
  ),
  gauge('pond_claimed_tasks', 'Tasks that they hold, running or not.', ({ fleet }) =>
    fleet.workers.reduce((sum, { running, waiting }) => sum + running.length + waiting, 0),
  ),
  {
    ...gauge(
      'pond_commits_total',
      'Commits so far; its rate is that of commits.',
      ({ lastTxnSeq }) => lastTxnSeq,
    ),
    type: 'counter',
  },
  {
    name: 'pond_remote_behind_commits',
    help: 'Commits that a remote lacks, as far as is known here.',
    samples: ({ status }) =>
      (status?.remotes ?? []).flatMap(({ name, behind, pushedTxnSeq }) =>
        pushedTxnSeq === null ? [] : [[`,remote="${escaped(name)}"`, behind] as const],
      ),
  },
];

/** The metrics of all ponds, as Prometheus reads them. */
export const metricsText = async (ponds: readonly ShownPond[]): Promise<string> => {
  const asked = await Promise.all(ponds.map(ask));
  const lines = METRICS.flatMap(({ name, help, type = 'gauge', samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...asked.flatMap((pond) =>
      samples(pond).map(([labels, value]) => `${name}{pond="${escaped(pond.name)}"${labels}} ${value}`),
    ),
  ]);
  return `${lines.join('\n')}\n`;
};

const ask = async ({ name, steward }: ShownPond): Promise<Asked> => {
  const status = await steward.status({ failedTasks: 0 })();
  if (isLeft(status)) return { name, status: null, committedAt: null };
  const newest = await steward.transactions({ limit: 1, transactionTypes: ['write'] })();
  return {
    name,
    status: status.right,
    committedAt: isLeft(newest) ? null : (newest.right[0]?.startedAt ?? null),
  };
};

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
