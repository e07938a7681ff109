import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/documents/sha256.js';
import {
  decodeJournal,
  encodeRecord,
  type JournalRecord,
} from '../../src/host-plans/journal/checkpoint-record.js';
import { kindOf } from '../../src/host-plans/kinds/host-kinds.js';
import { LARGEST_PLAN_FILE, parseHostPlanFile } from '../../src/host-plans/plan/host-plan-file.js';
import { planHostOperations } from '../../src/host-plans/plan/plan-host-operations.js';
import { everyOperation } from '../../test/host/machinery/scenario.js';
import { damage, hostileJson } from '../../test/support/hostile-bytes.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

const OPERATIONS = everyOperation('/tree');
const JSON_TEXT = JSON.stringify({ operations: OPERATIONS });
/** One operation to a line, in the braces of YAML, which JSON's are. */
const YAML_TEXT = `operations:\n${OPERATIONS.map((operation) => `  - ${JSON.stringify(operation)}\n`).join('')}`;

/** Absolute, and no component of it is empty, `.` or `..`. */
const INSIDE = /^(?:\/(?!\.{0,2}(?:\/|$))[^/\0]+)+$/;

/** The file is refused with words, or gives operations that make a plan, or say why not; no plan leaves its paths. */
const answers = (bytes: Uint8Array, name: string): void => {
  const file = parseHostPlanFile(bytes, name);
  if (isLeft(file)) {
    expect(file.left.length).toBeGreaterThan(0);
    for (const { line, message } of file.left) {
      expect(message).not.toBe('');
      expect(line === null || line >= 1).toBe(true);
    }
    return;
  }
  const plan = planHostOperations(file.right.operations);
  if (isLeft(plan)) {
    expect(plan.left.length).toBeGreaterThan(0);
    for (const { _tag } of plan.left) expect(_tag).not.toBe('');
    return;
  }
  expect(plan.right.operations).toHaveLength(file.right.operations.length);
  for (const { operation } of plan.right.operations) {
    const { creates, removes, reads } = kindOf(operation).claims(operation);
    for (const claim of [creates, removes, reads]) if (claim !== null) expect(claim.path).toMatch(INSIDE);
  }
};

describe('any bytes of a plan file are operations or errors in words', () => {
  prop([fc.uint8Array({ maxLength: 300 }), fc.constantFrom('plan.json', 'plan.yaml')], times(400))(
    'of any bytes',
    answers,
  );
  prop([damage, fc.boolean()], times(600))('of a plan that is damaged', (damaged, isJson) => {
    const text = Buffer.from(isJson ? JSON_TEXT : YAML_TEXT);
    answers(damaged(text), isJson ? 'plan.json' : 'plan.yaml');
  });
  prop([hostileJson(JSON_TEXT)], times(300))('of a plan with a hostile value, as JSON', (text) =>
    answers(Buffer.from(text), 'plan.json'),
  );
  prop([fc.gen()], times(60))('of a plan with a hostile value, as YAML', (gen) => {
    const lines = YAML_TEXT.trimEnd().split('\n');
    const place = 1 + gen(fc.nat, OPERATIONS.length - 1);
    lines[place] = `  - ${gen(hostileJson, JSON.stringify(OPERATIONS[place - 1]))}`;
    answers(Buffer.from(lines.join('\n')), 'plan.yaml');
  });
  prop([fc.array(fc.constantFrom('a', 'b c', '..', '.', '...', ''), { maxLength: 6 })], times(500))(
    'of paths: none that could lead elsewhere is one of a plan',
    (names) => {
      const path = names.join('/');
      answers(
        Buffer.from(JSON.stringify({ operations: [{ id: 'a', kind: 'DirCreate', path }] })),
        'plan.json',
      );
    },
  );
  test('of a file that is as large as a plan file may be, or larger', () => {
    for (const byte of ['[', '&']) {
      for (const name of ['plan.json', 'plan.yaml']) answers(Buffer.alloc(LARGEST_PLAN_FILE, byte), name);
    }
    expect(parseHostPlanFile(Buffer.alloc(LARGEST_PLAN_FILE + 1, ' '), 'plan.yaml')).toMatchObject({
      left: [{ line: null, message: expect.stringContaining('16 MiB') }],
    });
  });
});

const RECORDS: readonly JournalRecord[] = [
  { record: 'plan', format: 1, checksum: 'c', operations: 2, started_at: 1, pid: 1 },
  {
    record: 'intents',
    operations: [
      { id: 'a', kind: 'DirCreate', steps: [{ step: 'MakeDirectory', path: '/tree/a', mode: 493 }] },
      {
        id: 'b',
        kind: 'FileDelete',
        steps: [{ step: 'TakeAway', path: '/tree/b', preserved: '/tree/s/1.preserved', expected: 'file' }],
      },
    ],
  },
  { record: 'made', path: '/tree/a', device: '1', inode: '2' },
  { record: 'resumed', at: 2, pid: 2 },
  { record: 'undone', operation: 'b' },
  { record: 'incomplete', failures: [{ operation: 'a', message: 'no' }] },
];

const JOURNAL = Buffer.concat(RECORDS.map((record) => encodeRecord(record)));

/** Records, each of them one of those that were written, or the line from which on it cannot be read. */
const isRead = (bytes: Uint8Array): void => {
  const decoded = decodeJournal(bytes);
  if (isLeft(decoded)) {
    expect(decoded.left).toMatchObject({ _tag: 'UnreadableJournal', problem: expect.stringMatching(/./) });
    expect(decoded.left.line).toBeGreaterThanOrEqual(1);
  } else {
    const written = new Set(RECORDS.map((record) => JSON.stringify(record)));
    for (const record of decoded.right)
      expect(written.has(JSON.stringify(record)), JSON.stringify(record)).toBe(true);
  }
};

describe('any bytes of a checkpoint are its records or an error that names the line', () => {
  test('of what was written', () => {
    expect(decodeJournal(JOURNAL)).toMatchObject({ right: RECORDS });
  });
  test('of a line with the right checksum that is not JSON', () => {
    const line = Buffer.from(`${sha256('').slice(0, 16)} \n`);
    expect(decodeJournal(line)).toMatchObject({ left: { _tag: 'UnreadableJournal', line: 1 } });
  });
  prop([fc.uint8Array({ maxLength: 300 })], times(300))('of any bytes', isRead);
  prop([damage], times(1_000))('of one that is damaged: nothing that was not written is read', (damaged) =>
    isRead(damaged(JOURNAL)),
  );
  prop([fc.gen()], times(300))('of hostile records with the right checksum', (gen) => {
    const place = gen(fc.nat, RECORDS.length - 1);
    const json = gen(() =>
      fc.oneof(hostileJson(JSON.stringify(RECORDS[place])), fc.constantFrom('', '{', 'x', '\ufeff')),
    );
    const line = `${sha256(json).slice(0, 16)} ${json}\n`;
    const lines = RECORDS.map((record, index) => (index === place ? line : String(encodeRecord(record))));
    const decoded = decodeJournal(Buffer.from(lines.join('')));
    if (isLeft(decoded)) expect(decoded.left).toMatchObject({ _tag: 'UnreadableJournal', line: place + 1 });
    else expect(decoded.right).toHaveLength(RECORDS.length);
  });
});
