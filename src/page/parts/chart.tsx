import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { QueryResult } from '../shapes.js';
import { cell, plain } from './words.js';

const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5'];
const HEIGHT = 260;

const DAY = '\n{YYYY}-{MM}-{DD}';

/**
 * Words of an axis of times by the distance of its lines, in seconds: at each line, and besides where another year, month, day, hour,
 * minute or second begins. In UTC, as the rows say them.
 */
const TIMES = {
  values: [
    [86_400 * 28, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
    [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
    [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
    [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
    [0.001, '{HH}:{mm}:{ss}.{fff}', DAY, null, DAY, null, null, null, 1],
  ] as uPlot.Axis.Values,
};

/** Seconds since the epoch of what looks like a time, or a number. */
const placeOf = (value: unknown): number | null => {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return null;
  const time = Date.parse(
    /[Z+]|\d{2}-\d{2}:\d{2}$/.test(value.slice(10)) ? value : `${value.replace(' ', 'T')}Z`,
  );
  return Number.isNaN(time) ? null : time / 1000;
};

/** Columns that can be drawn: one to draw along, and numbers. */
export const drawable = ({ columns, rows }: QueryResult) => {
  const first = rows.slice(0, 50);
  const isTime = (at: number) =>
    first.some((row) => typeof row[at] === 'string') &&
    first.every((row) => row[at] === null || placeOf(row[at]) !== null);
  const isNumber = (at: number) =>
    first.some((row) => typeof row[at] === 'number') &&
    first.every((row) => row[at] === null || typeof row[at] === 'number');
  const all = columns.map((_, at) => at);
  const along = all.find(isTime) ?? all.find(isNumber);
  const drawn = all.filter((at) => at !== along && isNumber(at)).slice(0, COLOURS.length);
  return along === undefined || drawn.length === 0 ? null : { along, drawn, isTime: isTime(along) };
};

/** Numbers along a time, or another number; a part of it is enlarged by dragging, all of it shown by a double click. */
export const Chart = ({ result }: { readonly result: QueryResult }) => {
  const place = useRef<HTMLDivElement>(null);
  /** The row that is nearest to the pointer. */
  const [pointed, setPointed] = useState<readonly unknown[] | null>(null);
  useEffect(() => {
    const what = drawable(result);
    const box = place.current;
    if (what === null || box === null) return;
    const rows = result.rows
      .map((row) => ({ row, x: placeOf(row[what.along]) }))
      .filter((one): one is { row: readonly unknown[]; x: number } => one.x !== null)
      .sort((a, b) => a.x - b.x);
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--rule'), width: 1 },
      ticks: { show: false },
    };
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        scales: { x: { time: what.isTime } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        axes: [what.isTime ? { ...axis, ...TIMES } : axis, axis],
        hooks: {
          setCursor: [
            ({ cursor }) => setPointed(cursor.idx == null ? null : (rows[cursor.idx]?.row ?? null)),
          ],
        },
        series: [
          {},
          ...what.drawn.map((_, nth) => ({
            label: `series ${nth + 1}`,
            stroke: colour(COLOURS[nth] ?? '--line-1'),
            width: 1.5,
            points: { show: rows.length < 60 },
          })),
        ],
        legend: { show: false },
      },
      [
        rows.map(({ x }) => x),
        ...what.drawn.map((at) =>
          rows.map(({ row }) => (typeof row[at] === 'number' ? (row[at] as number) : null)),
        ),
      ],
      box,
    );
    const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      setPointed(null);
      chart.destroy();
    };
  }, [result]);
  const what = drawable(result);
  if (what === null) return null;
  const names = what.drawn.map((at) => plain(result.columns[at] ?? ''));
  const along = plain(result.columns[what.along] ?? '');
  return (
    <figure class="chart">
      <div
        ref={place}
        role="img"
        aria-label={`${names.join(', ')} along ${along}, ${result.rows.length} rows`}
      />
      <figcaption>
        {names.map((name, at) => (
          <span key={name} class={`key line-${at + 1}`}>
            {name}
            {pointed === null ? '' : <strong> {cell(pointed[what.drawn[at] ?? 0])}</strong>}
          </span>
        ))}
        <span class="quiet">
          {pointed === null
            ? ` along ${along}${what.isTime ? ' (UTC)' : ''}; drag to enlarge, double click for all`
            : ` at ${along} ${cell(pointed[what.along])}`}
        </span>
      </figcaption>
    </figure>
  );
};
