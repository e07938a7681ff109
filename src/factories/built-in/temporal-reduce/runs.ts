import type { Runs } from './reduction.js';

/** Runs that are remembered of one content at most. */
const MOST_RUNS = 64;

/** The same buckets, and perhaps some between them, in at most that many runs: the smallest gaps are closed. */
export const fewRuns = (runs: Runs, most = MOST_RUNS): Runs => {
  if (runs.length <= most) return runs;
  const gaps = runs
    .slice(1)
    .map(([from], index) => ({ index: index + 1, width: from - (runs[index]?.[1] ?? from) }))
    .sort((a, b) => b.width - a.width || a.index - b.index)
    .slice(0, most - 1)
    .map(({ index }) => index);
  const starts = [0, ...gaps].sort((a, b) => a - b);
  return starts.map((start, place) => {
    const end = (starts[place + 1] ?? runs.length) - 1;
    return [runs[start]?.[0] ?? 0, runs[end]?.[1] ?? 0] as const;
  });
};

/** The buckets of any of them. */
export const unitedRuns = (all: readonly Runs[]): Runs => {
  const united: [number, number][] = [];
  for (const [from, to] of all.flat().sort((a, b) => a[0] - b[0])) {
    const last = united.at(-1);
    if (last === undefined || from > last[1] + 1) united.push([from, to]);
    else if (to > last[1]) last[1] = to;
  }
  return united;
};

/** Tells whether some bucket is in both. */
export const runsMeet = (a: Runs, b: Runs): boolean =>
  a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to));
