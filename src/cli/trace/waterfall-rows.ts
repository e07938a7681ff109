import type { TaskStatus } from '../../control/records/task-status.js';
import type { GateStatus } from '../../control/records/transaction-summary.js';
import type { Turn, TurnState } from '../../control/tasks/task-turns.js';
import type { CommitTimeline, TaskTimeline } from '../../documents/commit-timeline.js';
import { commandFor, isUnfinished } from '../../documents/task-ends.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { InWords } from '../words/pond-named.js';
import { duration, onOneLine } from '../words/print-values.js';
import { reportLines } from '../words/report-lines.js';
import type { TimeSpan } from './time-axis.js';

/** Sign that a bar is drawn as. */
export type Fill = 'done' | 'failed' | 'running' | 'interrupted';

/** One line of the waterfall, not drawn yet. */
export interface Row {
  readonly mark: string;
  readonly mood: 'good' | 'bad' | 'neutral';
  readonly subject: string;
  readonly name: string;
  readonly bar: (TimeSpan & { readonly fill: Fill }) | null;
  /** It may have no end yet: infinity. */
  readonly wait: TimeSpan | null;
  readonly length: string;
  /** Empty for what completed. */
  readonly state: string;
  /** Lines below it. */
  readonly details: readonly string[];
}

/** The rows of a commit, then of each that was made inside its tasks: one picture of the whole chain. */
export const waterfallRows = ({ derived, ...own }: CommitTimeline, named: InWords): readonly Row[] => [
  ...rowsOfCommit(own, { subject: 'commit', name: '', named }),
  ...derived.flatMap((timeline) =>
    rowsOfCommit(timeline, {
      subject: `commit ${timeline.commit.txnSeq}`,
      name: `inside ${timeline.commit.causedBy.at(-1)?.task ?? 'a run by hand'}`,
      named,
    }),
  ),
];

/** The commit's own row, one for each gate that it passed, then one for each turn of each task. */
const rowsOfCommit = (
  { commit, tasks, now }: Omit<CommitTimeline, 'derived'>,
  { named, ...head }: Pick<Row, 'subject' | 'name'> & { readonly named: InWords },
): readonly Row[] => [
  {
    mark: ' ',
    mood: 'neutral',
    ...head,
    bar: { ...span(commit.startedAt, commit.startedAt + (commit.durationMs ?? 0) * 1000), fill: 'done' },
    wait: null,
    length: duration(commit.durationMs),
    state: '',
    details: [],
  },
  ...commit.gates.map(gateRow),
  ...tasks.flatMap((task) =>
    task.turns.map((turn, index) => ({
      ...turnRow(withoutRunner(turn, task), task, now),
      subject: index === 0 ? printTaskId(task.status) : '',
      name: index === 0 ? nameOf(task.status.configPath) : againName(turn),
      details: [
        ...detailsOf(turn, task.status),
        ...(index === task.turns.length - 1 && isUnfinished(task.status) ? [whatToDo(task, named)] : []),
      ],
    })),
  ),
];

/** A gate was asked while the commit was made. */
const gateRow = ({ configPath, state, endedAt, durationMs, errorMessage }: GateStatus): Row => ({
  ...MARKS[state],
  subject: 'gate',
  name: nameOf(configPath),
  bar:
    durationMs === null
      ? null
      : { ...span(endedAt - durationMs * 1000, endedAt), fill: state === 'completed' ? 'done' : 'failed' },
  wait: null,
  length: durationMs === null ? '' : duration(durationMs),
  state: state === 'completed' ? '' : 'refused',
  details: errorMessage === null ? [] : [onOneLine(errorMessage)],
});

/** Everything that a row draws; waits count with their ends only, or no pause could be cut out. */
export const busySpans = (rows: readonly Row[]): readonly TimeSpan[] =>
  rows.flatMap(({ bar, wait }) => [
    ...(bar === null ? [] : [bar]),
    ...(wait === null
      ? []
      : [wait.from, wait.to].filter(Number.isFinite).map((moment) => span(moment, moment))),
  ]);

/** A clock that was set back makes no bar that ends before it begins. */
const span = (from: number, to: number): TimeSpan => ({ from, to: Math.max(from, to) });

/** Running tasks without a live process do not run: they were interrupted, and nobody has recorded it yet. */
const withoutRunner = (turn: Turn, { runner }: TaskTimeline): Turn =>
  turn.state === 'running' && runner === null ? { ...turn, state: 'interrupted' } : turn;

const turnRow = (turn: Turn, task: TaskTimeline, now: number): Omit<Row, 'subject' | 'name' | 'details'> => ({
  ...MARKS[turn.state],
  bar: barOf(turn, now),
  wait: waitOf(turn, task, now),
  length: turn.state === 'running' ? duration((now - (turn.startedAt ?? now)) / 1000) : lengthOf(turn),
  state: turn.state === 'completed' ? '' : turn.state.replace('_', ' '),
});

const MARKS: Readonly<Record<TurnState, Pick<Row, 'mark' | 'mood'>>> = {
  completed: { mark: '✓', mood: 'good' },
  failed: { mark: '✗', mood: 'bad' },
  rolled_back: { mark: '✗', mood: 'bad' },
  interrupted: { mark: '✗', mood: 'bad' },
  rejected: { mark: '✗', mood: 'bad' },
  cancelled: { mark: '✗', mood: 'bad' },
  skipped: { mark: '-', mood: 'neutral' },
  dismissed: { mark: '-', mood: 'neutral' },
  running: { mark: '…', mood: 'neutral' },
  waiting: { mark: '…', mood: 'neutral' },
};

const FILLS: Readonly<Partial<Record<TurnState, Fill>>> = {
  completed: 'done',
  failed: 'failed',
  rolled_back: 'failed',
  interrupted: 'interrupted',
  running: 'running',
};

const barOf = ({ state, startedAt, endedAt }: Turn, now: number): Row['bar'] => {
  const fill = FILLS[state];
  if (startedAt === null || fill === undefined) return null;
  return { ...span(startedAt, endedAt ?? (state === 'running' ? now : startedAt)), fill };
};

const waitOf = ({ pendingAt, startedAt, endedAt }: Turn, { runner }: TaskTimeline, now: number) => {
  if (pendingAt === null) return null;
  const unended = runner === null ? Number.POSITIVE_INFINITY : now;
  return span(pendingAt, startedAt ?? endedAt ?? unended);
};

const lengthOf = ({ durationMs }: Turn): string => (durationMs === null ? '' : duration(durationMs));

const nameOf = (configPath: string): string => configPath.slice(configPath.lastIndexOf('/') + 1);

const againName = ({ attempt }: Turn): string => (attempt === null ? 'again' : `attempt ${attempt}`);

const detailsOf = (
  { state, errorMessage, configTxnSeq, report }: Turn,
  { parentTxnSeq }: TaskStatus,
): readonly string[] => [
  ...(errorMessage === null || errorMessage === state ? [] : [onOneLine(errorMessage)]),
  ...(configTxnSeq === null || configTxnSeq === parentTxnSeq
    ? []
    : [`with the configuration of transaction ${configTxnSeq}`]),
  ...reportLines(report),
];

const whatToDo = ({ status, runner }: TaskTimeline, named: InWords): string =>
  runner === null
    ? named(commandFor(status))
    : `held by process ${runner.pid} (${onOneLine(runner.command)})`;
