import type { Paint } from '../words/paint.js';
import { columnOf, columnsOf, cutLabel, type TimeAxis, type TimeSpan } from './time-axis.js';
import type { Fill, Row } from './waterfall-rows.js';

/** Looks of bars, waits and cuts; without colours they must be told apart, too. */
export const FILLS: Readonly<Record<Fill, { readonly sign: string; readonly paint: keyof Paint }>> = {
  done: { sign: '█', paint: 'good' },
  failed: { sign: '▒', paint: 'bad' },
  running: { sign: '░', paint: 'strong' },
  interrupted: { sign: '×', paint: 'bad' },
};
export const WAIT = '·';
export const CUT = '┊';

interface Cell {
  readonly sign: string;
  readonly paint: keyof Paint | null;
}

/** A row's bar on the axis, with the wait before it and the cuts that it crosses. As wide as the axis. */
export const drawRow = ({ bar, wait }: Pick<Row, 'bar' | 'wait'>, axis: TimeAxis, paint: Paint): string => {
  const cells = new Array<Cell>(axis.columns).fill({ sign: ' ', paint: null });
  const put = ({ from, to }: TimeSpan, cell: Cell) => cells.fill(cell, from, Math.min(to, axis.columns));
  if (wait !== null) {
    const to = Number.isFinite(wait.to) ? columnOf(axis, wait.to) : axis.columns;
    put({ from: columnOf(axis, wait.from), to }, { sign: WAIT, paint: 'faint' });
  }
  for (const { column, columns } of axis.cuts) {
    for (const edge of [column, column + columns - 1]) {
      put({ from: edge, to: edge + 1 }, { sign: CUT, paint: 'faint' });
    }
  }
  if (bar !== null) put(columnsOf(axis, bar), FILLS[bar.fill]);
  return painted(cells, paint);
};

/** The axis itself: each stretch with its length, each cut with its own where it is wide enough for it. */
export const drawAxis = (axis: TimeAxis, paint: Paint, length: (span: TimeSpan) => string): string => {
  const parts = [
    ...axis.stretches.map((stretch) => ({ ...stretch, text: ruler(length(stretch), stretch.columns) })),
    ...axis.cuts.map((cut) => ({ ...cut, text: cut.columns === 1 ? CUT : cutLabel(cut) })),
  ];
  parts.sort((a, b) => a.column - b.column);
  return paint.faint(parts.map(({ text }) => text).join(''));
};

/** `├─ 12 ms ─┤` in so many columns, or as much of it as fits. */
const ruler = (label: string, columns: number): string => {
  if (columns === 1) return '│';
  const room = columns - 2;
  const text = label.length + 2 <= room ? ` ${label} ` : label.length <= room ? label : '';
  const left = Math.floor((room - text.length) / 2);
  return `├${'─'.repeat(left)}${text}${'─'.repeat(room - text.length - left)}┤`;
};

/** Neighbours of one colour are painted together. */
const painted = (cells: readonly Cell[], paint: Paint): string => {
  let text = '';
  for (let from = 0; from < cells.length; ) {
    const colour = cells[from]?.paint ?? null;
    let to = from;
    let run = '';
    while (to < cells.length && (cells[to]?.paint ?? null) === colour) run += cells[to++]?.sign ?? '';
    text += colour === null ? run : paint[colour](run);
    from = to;
  }
  return text;
};
