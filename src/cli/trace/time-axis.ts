import { duration } from '../words/print-values.js';

/** Microseconds since the epoch, both. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Time that is drawn: linear within its columns. */
interface Stretch extends TimeSpan {
  readonly column: number;
  readonly columns: number;
}

/** Time in which nothing happens and that is left out. */
interface Cut extends TimeSpan {
  readonly column: number;
  readonly columns: number;
}

/** A time axis that many columns wide. Long stretches in which nothing happens are cut out of it. */
export interface TimeAxis {
  readonly columns: number;
  readonly stretches: readonly Stretch[];
  readonly cuts: readonly Cut[];
}

/** Microseconds; a shorter pause is never cut out. */
const SHORTEST_CUT = 10_000;
/** No stretch is narrower, as far as the columns last, so that its length can be written into it. */
const COMFORTABLE = 10;
/** A cut without its length. */
const NARROW = 1;

/**
 * The axis for what is to be drawn on it. A pause is cut out when it is longer than everything that happens together,
 * so that attempts of milliseconds stay readable beside a retry on another day.
 */
export const timeAxis = (busy: readonly TimeSpan[], columns: number): TimeAxis => {
  const blocks = merged(busy);
  const total = blocks.reduce((sum, { from, to }) => sum + to - from, 0);
  const threshold = Math.max(total, SHORTEST_CUT);
  const pauses = pausesBetween(blocks).filter(({ from, to }) => to - from > threshold);
  const wide = pauses.map((pause) => cutLabel(pause).length);
  const fits = wide.reduce((sum, width) => sum + width, 0) <= columns / 2;
  const cutOut = fits ? pauses : longest(pauses, Math.floor(columns / 4));
  const cutWidths = fits ? wide : cutOut.map(() => NARROW);
  return layOut(blocks, cutOut, cutWidths, columns);
};

/** `┊26 h 00 m┊`, in as many columns as a wide cut has. */
export const cutLabel = ({ from, to }: TimeSpan): string => `┊${duration((to - from) / 1000)}┊`;

/** The column of a moment. The moments that the axis was made for are never inside a cut. */
export const columnOf = ({ stretches, columns }: TimeAxis, moment: number): number => {
  const stretch = stretches.find(({ to }) => moment <= to) ?? stretches.at(-1);
  if (stretch === undefined) return 0;
  const length = stretch.to - stretch.from;
  const share = length === 0 ? 0 : Math.max(0, (moment - stretch.from) / length);
  const within = Math.min(stretch.columns - 1, Math.floor(share * stretch.columns));
  return Math.min(columns - 1, stretch.column + within);
};

/** All columns that a span touches, at least one: what overlaps in time does so on the axis. */
export const columnsOf = (axis: TimeAxis, { from, to }: TimeSpan): TimeSpan => {
  const first = columnOf(axis, from);
  const stretch = axis.stretches.find((one) => from >= one.from && to <= one.to);
  if (stretch === undefined || stretch.to === stretch.from) {
    return { from: first, to: Math.max(first + 1, columnOf(axis, to)) };
  }
  const end = ((to - stretch.from) / (stretch.to - stretch.from)) * stretch.columns;
  return { from: first, to: Math.max(first + 1, stretch.column + Math.ceil(end)) };
};

const merged = (spans: readonly TimeSpan[]): readonly TimeSpan[] => {
  const blocks: TimeSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = blocks.at(-1);
    if (last === undefined || span.from > last.to) blocks.push(span);
    else blocks[blocks.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return blocks;
};

const pausesBetween = (blocks: readonly TimeSpan[]): readonly TimeSpan[] =>
  blocks.slice(1).map((block, index) => ({ from: blocks[index]?.to ?? block.from, to: block.from }));

/** The longest ones, in their order. */
const longest = (pauses: readonly TimeSpan[], count: number): readonly TimeSpan[] => {
  const kept = new Set([...pauses].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, count));
  return pauses.filter((pause) => kept.has(pause));
};

const layOut = (
  blocks: readonly TimeSpan[],
  cutOut: readonly TimeSpan[],
  cutWidths: readonly number[],
  columns: number,
): TimeAxis => {
  const start = blocks[0]?.from ?? 0;
  const end = blocks.at(-1)?.to ?? start;
  const drawn = [...cutOut, { from: end, to: end }].map(({ from }, index) => ({
    from: cutOut[index - 1]?.to ?? start,
    to: from,
  }));
  const widths = shared(
    drawn.map(({ from, to }) => to - from),
    columns - cutWidths.reduce((sum, width) => sum + width, 0),
  );
  const stretches: Stretch[] = [];
  const cuts: Cut[] = [];
  let column = 0;
  drawn.forEach((span, index) => {
    const width = widths[index] ?? 1;
    stretches.push({ ...span, column, columns: width });
    column += width;
    const cut = cutOut[index];
    if (cut === undefined) return;
    const cutWidth = cutWidths[index] ?? NARROW;
    cuts.push({ ...cut, column, columns: cutWidth });
    column += cutWidth;
  });
  return { columns, stretches, cuts };
};

/** Columns in proportion to lengths, each at least the same few. Their sum is what there was to share. */
const shared = (lengths: readonly number[], columns: number): readonly number[] => {
  const least = Math.max(1, Math.min(COMFORTABLE, Math.floor(columns / (2 * lengths.length))));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const spare = columns - least * lengths.length;
  const ideal = lengths.map((length) => (total === 0 ? spare / lengths.length : (length / total) * spare));
  const widths = ideal.map((share) => least + Math.floor(share));
  const left = columns - widths.reduce((sum, width) => sum + width, 0);
  const byRest = ideal.map((share, index) => ({ index, rest: share - Math.floor(share) }));
  byRest.sort((a, b) => b.rest - a.rest || a.index - b.index);
  const rounded = new Set(byRest.slice(0, left).map(({ index }) => index));
  return widths.map((width, index) => width + (rounded.has(index) ? 1 : 0));
};
