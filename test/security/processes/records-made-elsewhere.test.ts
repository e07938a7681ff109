// Rows of runners and contents of exports on their way are this user's own where they carry this user's code for this
// place; what was forged or carried over is shown and left alone.

import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { nodeHost } from '../../../src/adapters/node/node-host.js';
import { nodeUserState } from '../../../src/adapters/node/node-user-state.js';
import { runnerSeals } from '../../../src/steward/pond/record-origin.js';
import { plainEnvironment } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RUNNER = '01990000-0000-7000-8000-000000000001';
const PID = 4_000_000;

let pond: string;
beforeEach(async () => {
  pond = join(temporaryFolder('made-elsewhere'), 'pond');
  expect((await callPond(['init'], { pond })).code).toBe(0);
});

/** A dead runner's row with the file of its lock, as a crash leaves them. */
const plantRunner = (at: string, origin: string | null, command = 'pond copy'): void => {
  mkdirSync(join(at, 'control/runners'), { recursive: true });
  writeFileSync(lockOf(at), '');
  const database = new Database(join(at, 'control/control.db'));
  database
    .prepare('INSERT INTO runners (runner_id, pid, command, started_at, origin) VALUES (?, ?, ?, 1, ?)')
    .run(RUNNER, PID, command, origin);
  database.close();
};

const lockOf = (at: string): string => join(at, `control/runners/${RUNNER}.lock`);

const runnersIn = (at: string): number => {
  const database = new Database(join(at, 'control/control.db'), { readonly: true });
  const count = Number(database.prepare('SELECT count(*) FROM runners').pluck().get());
  database.close();
  return count;
};

/** Ports of the user that the commands of this test run as. */
const ports = () => {
  const host = { ...nodeHost(), variables: plainEnvironment() };
  return { hostFiles: nodeFileSystem, host, userState: nodeUserState(host) };
};

const ownOrigin = (at: string): string => {
  const origin = runnerSeals(ports(), at).originOf({ runnerId: RUNNER, pid: PID, command: 'pond copy' });
  if (origin === null) throw new Error('no key is kept');
  return origin;
};

const recovery = async (at: string, ...more: readonly string[]) => {
  const { code, stdout } = await callPond(['recover', '--json', ...more], { pond: at });
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

const findings = async (at: string) => {
  const { code, stdout } = await callPond(['fsck', '--json'], { pond: at });
  return { code, tags: JSON.parse(stdout).findings.map(({ tag }: { tag: string }) => tag) };
};

test('the row of a runner that this user announced here and that died is removed by recover', async () => {
  plantRunner(pond, ownOrigin(pond));
  expect(await findings(pond)).toEqual({ code: 1, tags: ['DeadRunner'] });
  expect((await recovery(pond)).made_elsewhere).toEqual([]);
  expect([runnersIn(pond), existsSync(lockOf(pond))]).toEqual([0, false]);
});

for (const [what, plant, why] of [
  ['without a code', () => plantRunner(pond, null), 'unsigned'],
  [
    'with a forged code',
    () => plantRunner(pond, ownOrigin(pond).replace(/"code":"./, '"code":"x')),
    'another-author',
  ],
  [
    'that says something else than its code',
    () => plantRunner(pond, ownOrigin(pond), 'rm -rf /'),
    'another-author',
  ],
  [
    'of another machine',
    () => plantRunner(pond, ownOrigin(pond).replace(/"machine":"./, '"machine":"x')),
    'another-place',
  ],
] as const) {
  test(`the row of a runner ${what} is made elsewhere: shown, left alone, and removed where it is adopted`, async () => {
    plant();
    const shown = [{ kind: 'runner', name: RUNNER, why }];
    expect(await findings(pond)).toEqual({ code: 0, tags: ['RunnerMadeElsewhere'] });
    expect((await recovery(pond, '--dry-run')).made_elsewhere).toEqual(shown);
    expect((await recovery(pond)).made_elsewhere).toEqual(shown);
    expect((await callPond(['copy', '-', '/x'], { pond, input: 'x' })).code).toBe(0);
    expect([runnersIn(pond), existsSync(lockOf(pond))]).toEqual([1, true]);
    expect((await recovery(pond, '--adopt', '--dry-run')).made_elsewhere).toEqual(shown);
    expect([runnersIn(pond), existsSync(lockOf(pond))]).toEqual([1, true]);
    expect((await recovery(pond, '--adopt')).made_elsewhere).toEqual(shown);
    expect([runnersIn(pond), existsSync(lockOf(pond))]).toEqual([0, false]);
  });
}

test('what a copy carries over of runners and exports is made elsewhere there, and the original keeps its own', async () => {
  plantRunner(pond, ownOrigin(pond));
  const content = `control/host-exports/${RUNNER}.${RUNNER}`;
  mkdirSync(join(pond, 'control/host-exports'));
  writeFileSync(join(pond, content), 'half');
  const copy = `${pond}-copy`;
  cpSync(pond, copy, { recursive: true });
  expect((await findings(copy)).tags.toSorted()).toEqual([
    'ExportContentMadeElsewhere',
    'RunnerMadeElsewhere',
  ]);
  const { made_elsewhere, export_contents } = await recovery(copy);
  expect(made_elsewhere).toEqual([
    { kind: 'runner', name: RUNNER, why: 'another-place' },
    { kind: 'export_content', name: content, why: 'unsigned' },
  ]);
  expect([export_contents, existsSync(join(copy, content))]).toEqual([0, true]);
  const { stdout } = await callPond(['recover', '--adopt'], { pond: copy });
  expect(stdout).toContain(`${content} was made elsewhere, and was removed`);
  expect([runnersIn(copy), existsSync(join(copy, content))]).toEqual([0, false]);
  expect([runnersIn(pond), existsSync(lockOf(pond)), existsSync(join(pond, content))]).toEqual([
    1,
    true,
    true,
  ]);
});
