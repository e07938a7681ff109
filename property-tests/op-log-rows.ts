import * as fc from 'fast-check';
import { lowerBound } from '../src/domain/tree/event-time.js';
import type { NodeRow } from '../src/domain/tree/node-row.js';
import type { OpLogRow } from '../src/tlogfs/rows/op-log-columns.js';

const entryTypes = [
  'file',
  'table',
  'series',
  'directory',
  'symlink',
  'file:dynamic',
  'directory:dynamic',
] as const;
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: null });
const long = fc.maxSafeNat();
const anyLong = fc.maxSafeInteger();

/** Each event time that is written: also beyond what a number holds exactly. */
const anyEventTime = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(lowerBound);

const nodeRow: fc.Arbitrary<NodeRow> = fc
  .record({
    partId: text,
    nodeId: text,
    name: text,
    fileType: fc.constantFrom(...entryTypes),
    version: long,
    timestamp: anyLong,
    txnSeq: long,
    deleted: fc.boolean(),
    storageFormat: fc.constantFrom('inline', 'external', 'none'),
    size: long,
    sha256: maybe(text),
    factory: maybe(text),
    minEventTime: maybe(anyEventTime),
    maxEventTime: maybe(anyEventTime),
    attributes: maybe(text),
  })
  .map((row) => ({ ...row, factory: row.factory ?? (row.fileType.endsWith(':dynamic') ? 'f' : null) }));

/** A row of the op log with every kind of value that one can have. */
export const opLogRow: fc.Arbitrary<OpLogRow> = fc.record({
  row: nodeRow,
  content: maybe(fc.uint8Array({ maxLength: 300 })),
});
