/** A span of time in which something was at work; milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A wait that is drawn shorter than it was. */
export interface Break {
  /** Place in percent. */
  readonly at: number;
  readonly milliseconds: number;
}

export interface TimeScale {
  /** Place of a time in percent. */
  readonly share: (time: number) => number;
  readonly breaks: readonly Break[];
}

/** Waits are drawn to scale up to this part of the time in which something was at work. */
const LONGEST_WAIT = 0.5;

/** A scale on which all spans can be seen, also where there were hours, or days, between them. */
export const timeScale = (begin: number, spans: readonly Span[]): TimeScale => {
  const busy: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = busy.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else busy.push({ from, to });
  }
  const worked = Math.max(
    1,
    busy.reduce((sum, { from, to }) => sum + (to - from), 0),
  );
  /** Times and where they are drawn, in milliseconds from the left. */
  const points: { readonly time: number; readonly drawn: number }[] = [{ time: begin, drawn: 0 }];
  const breaks: { readonly drawn: number; readonly milliseconds: number }[] = [];
  let drawn = 0;
  let time = begin;
  for (const { from, to } of busy) {
    const wait = Math.max(0, from - time);
    const shown = Math.min(wait, worked * LONGEST_WAIT);
    if (shown < wait) breaks.push({ drawn: drawn + shown / 2, milliseconds: wait });
    drawn += shown;
    points.push({ time: from, drawn });
    drawn += Math.max(0, to - Math.max(from, time));
    time = Math.max(time, to);
    points.push({ time, drawn });
  }
  const all = Math.max(1, drawn);
  const share = (asked: number): number => {
    const after = points.findIndex((point) => point.time >= asked);
    if (after === -1) return 100;
    const [left, right] = [points[Math.max(0, after - 1)], points[after]];
    if (left === undefined || right === undefined || right.time === left.time)
      return ((right?.drawn ?? 0) / all) * 100;
    const part = Math.max(0, (asked - left.time) / (right.time - left.time));
    return ((left.drawn + part * (right.drawn - left.drawn)) / all) * 100;
  };
  return {
    share,
    breaks: breaks.map(({ drawn: at, milliseconds }) => ({ at: (at / all) * 100, milliseconds })),
  };
};
