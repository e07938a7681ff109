import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import {
  decodeJournal,
  encodeRecord,
  JOURNAL_FORMAT,
  type JournalRecord,
} from '../../src/host-plans/journal/checkpoint-record.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

const PLAN: JournalRecord = {
  record: 'plan',
  format: JOURNAL_FORMAT,
  checksum: 'c'.repeat(64),
  operations: 2,
  started_at: 1,
  pid: 1,
};

const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.string({ maxLength: 4 }).map((operation): JournalRecord => ({ record: 'undone', operation })),
  fc.string({ maxLength: 4 }).map(
    (id): JournalRecord => ({
      record: 'intents',
      operations: [{ id, kind: 'DirCreate', steps: [{ step: 'MakeLink', path: '/a', text: 'b' }] }],
    }),
  ),
  fc.constantFrom<JournalRecord>({ record: 'executed' }, { record: 'rolled_back' }),
);

/** What a process adds, and how much of it: a share of the bytes. */
const anyProcess = fc.record({
  records: fc.array(anyRecord, { maxLength: 3 }),
  share: fc.oneof(
    fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    fc.constant(1),
  ),
});

// The fault that this law was written for: a second line that was cut off, directly after the first.
prop([fc.array(anyProcess, { minLength: 1, maxLength: 5 })], times(1000))(
  'a journal that one process after another wrote, each cut off somewhere, has all records that are whole',
  (processes) => {
    let bytes = Buffer.alloc(0);
    const whole: JournalRecord[] = [];
    processes.forEach(({ records, share }, index) => {
      const first: JournalRecord = index === 0 ? PLAN : { record: 'resumed', at: index, pid: index };
      const written = [first, ...records].map((record) => encodeRecord(record));
      const separator = Buffer.from(index === 0 ? '' : '\n');
      const all = Buffer.concat([separator, ...written]);
      const kept = all.subarray(0, Math.round(share * all.length));
      bytes = Buffer.concat([bytes, kept]);
      let end = separator.length;
      [first, ...records].forEach((record, at) => {
        end += written[at]?.length ?? 0;
        // The end of a line is not a part of its record.
        if (kept.length >= end - 1) whole.push(record);
      });
    });
    const decoded = decodeJournal(bytes);
    if (isLeft(decoded)) throw new Error(`${JSON.stringify(decoded.left)}\n${bytes}`);
    expect(decoded.right).toEqual(whole);
  },
);
