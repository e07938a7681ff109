// Numbers that a log from somebody else may say: what is not one is damage where it is read, and no command takes one that a later
// command, or the next checkpoint, cannot.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { someOf } from '../../support/sample-of.js';

type Action = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Version of the entry that is planted: the commit after it writes a checkpoint. */
const PLANTED = 9;

let made: TempPond;
let metaData: Readonly<Record<string, unknown>>;
let add: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  made = await tempPond(callPond);
  for (let count = 1; count < PLANTED; count += 1) await made.run(['mkdir', `/d${count}`]);
  const log = join(made.pond, 'data/_delta_log');
  const actions = readdirSync(log)
    .flatMap((name) => readFileSync(join(log, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Action);
  metaData = actions.find((action) => action.metaData !== undefined)?.metaData ?? {};
  add = actions.find((action) => action.add !== undefined)?.add ?? {};
});
afterAll(() => made.remove());

/** Written in the place of the number. */
const NUMBER = '"the number"';

/** Actions that other programs may write, with one number open. */
const PLACES: Readonly<Record<string, () => readonly unknown[]>> = {
  'the transaction of the pond': () => [{ txn: { appId: metaData.id, version: 'the number' } }],
  'the transaction of another program': () => [{ txn: { appId: 'other', version: 'the number' } }],
  'the time of a transaction': () => [{ txn: { appId: 'other', version: 1, lastUpdated: 'the number' } }],
  'the version that readers need': () => [
    { protocol: { minReaderVersion: 'the number', minWriterVersion: 2 } },
  ],
  'the version that writers need': () => [
    { protocol: { minReaderVersion: 1, minWriterVersion: 'the number' } },
  ],
  'the time of the table': () => [{ metaData: { ...metaData, createdTime: 'the number' } }],
  'the size of a file': () => [
    { remove: { path: add.path, dataChange: false } },
    { add: { ...add, size: 'the number' } },
  ],
  'the time of a file': () => [
    { remove: { path: add.path, dataChange: false } },
    { add: { ...add, modificationTime: 'the number' } },
  ],
  'the time of a removal': () => [
    { remove: { path: 'x', dataChange: false, deletionTimestamp: 'the number' } },
  ],
  'the size of what was removed': () => [
    { remove: { path: 'x', dataChange: false, deletionTimestamp: 9e15, size: 'the number' } },
  ],
};

const NUMBERS = ['1.5', '-1', '1e400', '9007199254740991', '9223372036854775807', '1e30'];

const cases = Object.keys(PLACES).flatMap((place) => NUMBERS.map((number) => [place, number] as const));

test.each(someOf(cases))('%s may be %s', async (place, number) => {
  const pond = join(made.host, 'planted');
  rmSync(pond, { recursive: true, force: true });
  cpSync(made.pond, pond, { recursive: true });
  const foreign = { commitInfo: { timestamp: 1, operation: 'WRITE', engineInfo: 'another' } };
  const actions = [foreign, ...(PLACES[place]?.() ?? [])];
  const lines = actions.map((action) => `${JSON.stringify(action).replace(NUMBER, number)}\n`);
  const entry = join(pond, 'data/_delta_log', `${String(PLANTED).padStart(20, '0')}.json`);
  writeFileSync(entry, lines.join(''));
  const codes = [];
  for (const args of [
    ['list'],
    ['mkdir', '/more'],
    ['mkdir', '/again'],
    ['list'],
    ['maintain'],
    ['list'],
    ['fsck'],
  ]) {
    const { code, stdout, stderr } = await callPond(args, { pond });
    expect([args, `${stdout}${stderr}`]).toEqual([args, expect.not.stringMatching(/internal error|BigInt/)]);
    codes.push(code);
  }
  // What could be read is read after each write, also where that was refused.
  const [readBefore, , , readAfter, , readAtLast] = codes;
  expect([readAfter, readAtLast]).toEqual([readBefore, readBefore]);
});
