import { drawAxis, drawRow } from '../../../src/cli/trace/draw-row.js';
import { type TimeSpan, timeAxis } from '../../../src/cli/trace/time-axis.js';
import { duration } from '../../../src/cli/words/print-values.js';

/** A span as Jaeger's query API answered it; see `traces.mjs`. Times in microseconds. */
interface JaegerSpan {
  readonly spanId: string;
  readonly name: string;
  readonly parent: string | null;
  readonly links: readonly { readonly spanID: string }[];
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly error: string | null;
}

const AXIS_COLUMNS = 46;

const plain = (text: string): string => text;
const PLAIN = { good: plain, bad: plain, faint: plain, strong: plain };

/** A trace as a waterfall of plain text, in the look of `pond trace`. */
export const waterfall = (spans: readonly JaegerSpan[]): readonly string[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string | null, depth: number): readonly (readonly [JaegerSpan, number])[] =>
    spans
      .filter((span) =>
        parent === null ? span.parent === null || !ids.has(span.parent) : span.parent === parent,
      )
      .sort((a, b) => a.start - b.start || a.end - b.end)
      .flatMap((span) => [[span, depth] as const, ...below(span.spanId, depth + 1)]);
  const rows = below(null, 0).map(([span, depth]) => ({
    span,
    label: `${'  '.repeat(depth)}${span.name}${subjectOf(span)}`,
  }));
  // The commit's span ends with the commit; what is retried later lies inside it by name only.
  const axis = timeAxis(spans.map(timesOf), AXIS_COLUMNS);
  const columns = Math.max(...rows.map(({ label }) => label.length)) + 2;
  return [
    `${' '.repeat(columns)}${drawAxis(axis, PLAIN, (span) => duration(lengthOf(span)))}`,
    ...rows.map(({ span, label }) => {
      const bar = { ...timesOf(span), fill: span.error === null ? ('done' as const) : ('failed' as const) };
      return `${label.padEnd(columns)}${drawRow({ bar, wait: null }, axis, PLAIN)}  ${duration(lengthOf(bar)).padStart(6)}${wordsOf(span, spans)}`;
    }),
  ];
};

const timesOf = ({ start, end }: JaegerSpan): TimeSpan => ({ from: start, to: end });

const lengthOf = ({ from, to }: TimeSpan): number => (to - from) / 1000;

const subjectOf = ({ attributes }: JaegerSpan): string => {
  const task = attributes['task.id'];
  return task === undefined ? '' : ` ${task}#${attributes['task.attempt']}`;
};

const wordsOf = (span: JaegerSpan, spans: readonly JaegerSpan[]): string => {
  const followed = spans.find(({ spanId }) => span.links.some(({ spanID }) => spanID === spanId));
  return `${span.error === null ? '' : '  error'}${followed === undefined ? '' : `  follows${subjectOf(followed)}`}`;
};
