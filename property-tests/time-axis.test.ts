import * as fc from 'fast-check';
import { expect } from 'vitest';
import { columnOf, columnsOf, timeAxis } from '../src/cli/trace/time-axis.js';
import { prop } from '../test/support/prop.js';

/**
 * Planted faults that these laws caught when they were written: the columns that rounding leaves over given to nobody;
 * cuts that are not counted among the columns; a bar's end rounded down; pauses between spans that are not merged.
 */

const SECOND = 1_000_000;

/** Spans of very different lengths, and pauses of very different lengths between their beginnings. */
const spans = fc
  .array(
    fc.record({
      pause: fc.oneof(fc.nat(SECOND), fc.nat(100_000 * SECOND)),
      length: fc.oneof(fc.constant(0), fc.nat(50_000), fc.nat(10 * SECOND)),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    let from = 0;
    return steps.map(({ pause, length }) => {
      from += pause;
      return { from, to: from + length };
    });
  });
const columns = fc.integer({ min: 16, max: 200 });

prop([spans, columns])('stretches and cuts fill the columns of an axis, in turn', (busy, width) => {
  const { stretches, cuts } = timeAxis(busy, width);
  expect(stretches).toHaveLength(cuts.length + 1);
  const parts = [...stretches, ...cuts].sort((a, b) => a.column - b.column);
  const start = Math.min(...busy.map(({ from }) => from));
  const end = Math.max(...busy.map(({ to }) => to));
  let column = 0;
  let moment = start;
  for (const part of parts) {
    expect([part.column, part.from]).toEqual([column, moment]);
    expect(part.columns).toBeGreaterThan(0);
    column += part.columns;
    moment = part.to;
  }
  expect([column, moment]).toEqual([width, end]);
});

prop([spans, columns])('nothing that happens is inside a cut', (busy, width) => {
  const { cuts } = timeAxis(busy, width);
  for (const cut of cuts) {
    expect(busy.filter(({ from, to }) => from < cut.to && to > cut.from)).toEqual([]);
  }
});

prop([spans, columns])(
  'a bar has at least one column of the axis, none of a cut, and later is never further left',
  (busy, width) => {
    const axis = timeAxis(busy, width);
    const bars = busy.map((span) => columnsOf(axis, span));
    for (const { from, to } of bars) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeGreaterThan(from);
      expect(to).toBeLessThanOrEqual(width);
      const crossed = axis.cuts.filter((cut) => from < cut.column + cut.columns && to > cut.column);
      expect(crossed).toEqual([]);
    }
    const moments = busy.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b);
    const places = moments.map((moment) => columnOf(axis, moment));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  },
);

prop([spans, columns])('bars that overlap in time have a column in common', (busy, width) => {
  const axis = timeAxis(busy, width);
  for (const one of busy) {
    for (const other of busy) {
      if (one.from >= other.to || other.from >= one.to) continue;
      const [a, b] = [columnsOf(axis, one), columnsOf(axis, other)];
      expect(a.from < b.to && b.from < a.to).toBe(true);
    }
  }
});
