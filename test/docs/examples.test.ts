// Every folder of docs/examples is run as its README says, on the built executable.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { tsc } from '../build/tsc.mjs';
import { builtExecutable } from '../support/pond-cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'docs/examples');
const folder = temporaryFolder('examples');
// Inside the project, so that `pond-steward` is this package; in `dist`, which is not kept.
const compiled = join(root, 'dist/documented-library');
const run = promisify(execFile);

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

const surroundings = (name: string, variables: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('POND'))),
  PATH: `${join(dirname(builtExecutable()), 'bin')}:${process.env.PATH}`,
  POND: join(folder, `${name}-pond`),
  ...variables,
});

/** Runs an example where it lies; a step that fails ends it with an error. */
const runExample = async (name: string, variables: Readonly<Record<string, string>> = {}) =>
  (await run('sh', [join(examples, name, 'run.sh')], { env: surroundings(name, variables) })).stdout;

/** Readings of three hours, and of a fourth one once the others have been asked for. */
const readingsServer = async () => {
  const readings = [1, 2, 3, 4].map((hour) => ({
    time: `2026-01-01T0${hour}:00:00.000Z`,
    celsius: hour + 0.5,
  }));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const after = new URL(request.url ?? '/', 'http://localhost').searchParams.get('after') ?? '';
    const known = asked.push(after) === 1 ? readings.slice(0, 3) : readings;
    response.end(JSON.stringify(known.filter(({ time }) => time > after)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/readings`, asked, close: () => server.close() };
};

test('three tasks follow a commit: the check, the count after it, and the note', async () => {
  const shown = await runExample('three-tasks', { OUT: join(folder, 'out') });
  for (const name of ['10-check', '20-count', '30-note']) {
    expect(shown).toMatch(new RegExp(`✓.*/etc/system.d/${name} .*completed`));
  }
  expect(shown.trim().split('\n').at(-1)?.trim()).toBe('3');
});

test('the validated weather: days that cannot be are moved, a file that cannot be is refused', async () => {
  const shown = await runExample('validated-weather');
  expect(shown).toMatch(/2026-01-03 +451\.0 +temp_max max 60/);
  expect(shown).toMatch(/✓ gate +10-weather/);
  expect(shown).toContain('no day is colder at its warmest: its query is 1, must be 0');
});

test('the validating module lets a good file pass and says which column a bad one lacks', async () => {
  expect(await runExample('validating-module')).toContain('/in/bad.csv has no column celsius');
});

test('the collector fetches what it does not have yet, and appends it to the series', async () => {
  const server = await readingsServer();
  try {
    const shown = await runExample('collector', { READINGS_URL: server.url });
    expect(server.asked).toEqual(['1970-01-01T00:00:00.000Z', '2026-01-01T03:00:00.000Z']);
    expect(shown.trim().split('\n').slice(-2)).toEqual(['readings,warmest', '4,4.5']);
  } finally {
    server.close();
  }
});

test('HydroVu goes from nothing to hourly means', async () => {
  const shown = await runExample('hydrovu', { HYDRO_KEY_ID: '' });
  expect(JSON.parse(/^\{.*"locations".*\}$/ms.exec(shown)?.[0] ?? '')).toMatchObject({
    report: { locations: [{ id: '4990594334457856', name: 'pier' }, { name: 'well' }] },
  });
  expect(shown).toMatch(/4990594334457856\/pier_archive_\d{8}\.series/);
  expect(shown.trim().split('\n').slice(-3)[0]).toMatch(/^2026-06-01.*,12\.29/);
  expect(shown.trim().split('\n').slice(-4)[0]).toContain('Temperature.C_avg');
});

test('the weather pond quarantines bad rows, mails and tells Slack at the first failure and at the recovery, and publishes good rows', async () => {
  const env = surroundings('weather-watch', { SITE: join(folder, 'weather-site') });
  const { stdout } = await run(process.execPath, [join(examples, 'weather-watch/try.mjs')], { env });
  expect([...stdout.matchAll(/^Subject: (.*)$/gm)].map(([, subject]) => subject)).toEqual([
    expect.stringContaining('/etc/system.d/10-enough failed after commit'),
    expect.stringContaining('/etc/system.d/10-enough has recovered with commit'),
  ]);
  expect(stdout).toMatch(/--- to Slack\n\*\/etc\/system\.d\/10-enough failed after commit \d+\*/);
  expect(stdout).toMatch(/--- to Slack\n\*\/etc\/system\.d\/10-enough has recovered with commit \d+\*/);
  expect(stdout).toMatch(/^\/quarantine\/in\/weather\.csv\/.*\.csv$/m);
  expect(stdout.trim().split('\n').slice(-4)).toEqual([
    'date,temp_max,weather',
    '2026-01-01,4.1,rain',
    '2026-01-02,3.0,snow',
    '2026-01-03,6.5,sun',
  ]);
});

test('the host plan publishes the new version', async () => {
  const shown = await runExample('host-plan', { SITE: join(folder, 'site') });
  expect(shown.trim().split('\n').at(-1)).toBe('<h1>Version 2</h1>');
});

test('the library example compiles by the command of its page and does what it says', async () => {
  mkdirSync(compiled, { recursive: true });
  cpSync(join(examples, 'library/readings.ts'), join(compiled, 'readings.ts'));
  const page = readFileSync(join(examples, 'library/README.md'), 'utf8');
  const said = /npx tsc (.*)/.exec(page)?.[1]?.split(' ') ?? [];
  expect(said).toContain('readings.ts');
  // The project's own settings would be refused beside a file that is named.
  const [program, ...args] = tsc(root, ...said, '--ignoreConfig');
  await run(program, args, { cwd: compiled });
  const env = surroundings('library', {});
  const { stdout } = await run(process.execPath, [join(compiled, 'readings.js'), env.POND], { env });
  expect(stdout.split('\n')).toEqual([
    'commit 3: /etc/system.d/10-count completed, {"readings":1}',
    'time,celsius',
    '07:00,4.5',
    'begin data_committed post_commit_pending post_commit_started post_commit_completed completed',
    '',
  ]);
});

test('every example is run here and is named by the page of the examples', () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([
    'collector',
    'host-plan',
    'hydrovu',
    'library',
    'three-tasks',
    'validated-weather',
    'validating-module',
    'weather-watch',
  ]);
});
