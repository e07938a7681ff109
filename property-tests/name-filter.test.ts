import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeRow } from '../src/domain/tree/node-row.js';
import {
  blockAt,
  filterKey,
  filterProblem,
  isFilter,
  leavesOut,
  nameFilter,
} from '../src/tlogfs/rows/name-filter.js';
import { times } from '../test/support/times.js';
import { rowOf } from '../test/tlogfs/table-fixture.js';

/** Any UTF-16 units, halves of pairs included. */
const text = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7ff, max: 0xe000 })), {
    maxLength: 12,
  })
  .map((units) => String.fromCharCode(...units));

const someRows = fc
  .array(fc.record({ partId: text, name: text }), { minLength: 256, maxLength: 700 })
  .map((rows) => rows.map((row) => rowOf({ txnSeq: 1, ...row })));

const filterOf = (rows: readonly NodeRow[]): Uint8Array => {
  const filter = nameFilter(rows.map((row) => ({ row, content: null })));
  if (filter === null) throw new Error('too few rows');
  return filter;
};

const MARK = 4;

const blockOf = (filter: Uint8Array, rows: number, key: ReturnType<typeof filterKey>): Uint8Array => {
  const { start = 0, size = 0 } = blockAt(rows, key) ?? {};
  return filter.subarray(start - MARK, start - MARK + size);
};

const asStored = (value: string): string => Buffer.from(value).toString();

test('a filter leaves out no directory and no name of its rows, as they were written and as they are read', async () => {
  await fc.assert(
    fc.property(someRows, (rows) => {
      const filter = filterOf(rows);
      expect(isFilter(filter)).toBe(true);
      for (const { partId, name } of rows) {
        for (const key of [
          filterKey(partId),
          filterKey(partId, name),
          filterKey(asStored(partId), asStored(name)),
        ]) {
          expect(leavesOut(blockOf(filter, rows.length, key), rows.length, key)).toBe(false);
        }
      }
      expect(filterProblem(filter, rows)).toBeNull();
    }),
    times(30),
  );
});

test('a block of which any byte is another leaves out nothing', async () => {
  await fc.assert(
    fc.property(
      someRows,
      text,
      fc.nat({ max: 31 }),
      fc.integer({ min: 1, max: 255 }),
      (rows, name, at, by) => {
        const key = filterKey('elsewhere', name);
        const block = Uint8Array.from(blockOf(filterOf(rows), rows.length, key));
        block[at] = (block[at] ?? 0) ^ by;
        expect(leavesOut(block, rows.length, key)).toBe(false);
      },
    ),
    times(60),
  );
});

test('of names that a file does not have nearly all are left out', () => {
  const rows = Array.from({ length: 4_000 }, (_, n) =>
    rowOf({ txnSeq: 1, partId: `d${n % 9}`, name: `f${n}` }),
  );
  const filter = filterOf(rows);
  const kept = Array.from({ length: 10_000 }, (_, n) => filterKey(`d${n % 9}`, `f${4_000 + n}`)).filter(
    (key) => !leavesOut(blockOf(filter, rows.length, key), rows.length, key),
  );
  expect(kept.length).toBeLessThan(200);
});
