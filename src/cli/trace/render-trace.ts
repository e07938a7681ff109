import { type CommitTimeline, isTraced } from '../../documents/commit-timeline.js';
import { traceIdOf } from '../../documents/task-document.js';
import { printLink } from '../../domain/plans/chain.js';
import type { Paint } from '../words/paint.js';
import type { InWords } from '../words/pond-named.js';
import { duration, localTime, typedCommand } from '../words/print-values.js';
import { columnWidths } from '../words/render-columns.js';
import { CUT, drawAxis, drawRow, FILLS, WAIT } from './draw-row.js';
import { type TimeAxis, timeAxis } from './time-axis.js';
import { busySpans, type Row, waterfallRows } from './waterfall-rows.js';

export interface TraceLook {
  /** Columns of a line; errors and commands may be longer. */
  readonly columns: number;
  readonly paint: Paint;
  readonly traceUrl: string | null;
  /** Commands that deal with what is unfinished, with the pond that they are about. */
  readonly named: InWords;
}

/** The axis is never narrower, whatever the terminal. */
const NARROWEST_AXIS = 16;

/** A commit's timeline as a waterfall: one row per attempt on one axis of time. */
export const renderTrace = (timeline: CommitTimeline, look: TraceLook): readonly string[] => {
  const rows = waterfallRows(timeline, look.named);
  const table = layOut(rows, look);
  const axis = timeAxis(busySpans(rows), table.axisColumns);
  return [
    ...headLines(timeline, look),
    '',
    `${' '.repeat(table.labelColumns)}${drawAxis(axis, look.paint, ({ from, to }) => duration((to - from) / 1000))}`,
    ...rows.flatMap((row) => rowLines(row, axis, table, look.paint)),
    ...(timeline.tasks.length === 0 && timeline.firing === undefined
      ? ['', `commit ${timeline.commit.txnSeq} set off no tasks`]
      : []),
    '',
    look.paint.faint(legend(rows, axis)),
  ];
};

const headLines = (timeline: CommitTimeline, { paint, traceUrl }: TraceLook): readonly string[] => {
  const { txnSeq, status, cliArgs, startedAt, traceParent, causedBy } = timeline.commit;
  const command = typedCommand(cliArgs);
  const statusWord = status === 'committed' ? paint.good(status) : paint.bad(status);
  const traceId = traceIdOf(traceParent);
  const { firing } = timeline;
  return [
    ...(firing === undefined || firing.dueAt === null
      ? []
      : [[paint.strong(firing.name), paint.faint(`due ${localTime(firing.dueAt)}`)].join('  ')]),
    ...(firing !== undefined
      ? []
      : [
          [paint.strong(`commit ${txnSeq}`), statusWord, command, paint.faint(localTime(startedAt))].join(
            '  ',
          ),
        ]),
    ...(causedBy.length === 0 ? [] : [`caused by ${causedBy.map(printLink).join(', ')}`]),
    traceId !== null && isTraced(timeline)
      ? ['trace', traceId, ...(traceUrl === null ? [] : [traceUrl])].join(' ')
      : 'not traced',
  ];
};

interface Table {
  readonly subjectColumns: number;
  readonly nameColumns: number;
  /** Everything left of the axis. */
  readonly labelColumns: number;
  readonly lengthColumns: number;
  readonly axisColumns: number;
}

const layOut = (rows: readonly Row[], { columns }: TraceLook): Table => {
  const widths = columnWidths(rows.map(({ subject, name, length, state }) => [subject, name, length, state]));
  const [subjectColumns = 0, longestName = 0, lengthColumns = 0, stateColumns = 0] = widths;
  const nameColumns = Math.min(longestName, Math.max(8, Math.floor(columns / 3) - subjectColumns));
  const labelColumns = 2 + subjectColumns + 2 + nameColumns + 2;
  const right = 2 + lengthColumns + (stateColumns === 0 ? 0 : 2 + stateColumns);
  const axisColumns = Math.max(NARROWEST_AXIS, columns - labelColumns - right);
  return { subjectColumns, nameColumns, labelColumns, lengthColumns, axisColumns };
};

const rowLines = (row: Row, axis: TimeAxis, table: Table, paint: Paint): readonly string[] => {
  const inMood = { good: paint.good, bad: paint.bad, neutral: (text: string) => text }[row.mood];
  const name = shortened(row.name, table.nameColumns).padEnd(table.nameColumns);
  const label = `${inMood(row.mark)} ${row.subject.padEnd(table.subjectColumns)}  ${name}`;
  const right = `  ${row.length.padStart(table.lengthColumns)}${row.state === '' ? '' : `  ${inMood(row.state)}`}`;
  const below = ' '.repeat(2 + table.subjectColumns + 2);
  return [
    `${label}  ${drawRow(row, axis, paint)}${right}`.trimEnd(),
    ...row.details.map((detail) => `${below}${inMood(detail)}`),
  ];
};

const shortened = (name: string, columns: number): string =>
  name.length <= columns ? name : `${name.slice(0, columns - 1)}…`;

/** Legend of the signs, as far as they are used. */
const legend = (rows: readonly Row[], axis: TimeAxis): string => {
  const used = (fill: keyof typeof FILLS) => rows.some(({ bar }) => bar?.fill === fill);
  const bars = [
    ['done', 'done'],
    ['failed', 'failed'],
    ['running', 'running'],
    ['interrupted', 'interrupted'],
  ] as const;
  return [
    ...bars.filter(([fill]) => used(fill)).map(([fill, word]) => `${FILLS[fill].sign} ${word}`),
    ...(rows.some(({ wait }) => wait !== null) ? [`${WAIT} waiting`] : []),
    ...(axis.cuts.length > 0 ? [`${CUT} nothing happens, cut out`] : []),
  ].join('   ');
};
