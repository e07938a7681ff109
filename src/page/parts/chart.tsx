import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { QueryResult } from '../shapes.js';
import { plain } from './words.js';

const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5'];
const HEIGHT = 260;

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
        axes: [axis, axis],
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
          </span>
        ))}
        <span class="quiet"> along {along}; drag to enlarge, double click for all</span>
      </figcaption>
    </figure>
  );
};
