import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeHydroVu, fakeHydroVu, serveHydroVu } from '../../support/fake-hydrovu.js';
import { callPond } from '../../support/pond-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

// From the command line, over real HTTP.

const folder = temporaryFolder('collecting');
const pond = join(folder, 'pond');
const env = {
  HYDRO_KEY_ID: 'me',
  HYDRO_KEY_VALUE: 'a-secret-of-mine',
  XDG_STATE_HOME: join(folder, 'state'),
};
const variable = (name: string): string => `\${env:${name}}`;
const call = (...args: readonly string[]) => callPond(args, { pond, env });
const [PIER, WELL] = ['4990594334457856', '4745648669458432'];

let fake: FakeHydroVu;
let server: Awaited<ReturnType<typeof serveHydroVu>>;

beforeAll(async () => {
  fake = fakeHydroVu({ clientSecret: 'a-secret-of-mine' });
  server = await serveHydroVu(fake);
  for (const id of [PIER, WELL]) {
    fake.addLocation(id, id === PIER ? 'pier' : 'well');
    fake.addReadings(id, '1', '1', [
      [1_780_000_000, 12.5],
      [1_780_000_900, 12.75],
    ]);
  }
  const config = join(folder, 'hydrovu.json');
  writeFileSync(
    config,
    JSON.stringify({
      client_id: variable('HYDRO_KEY_ID'),
      client_secret: variable('HYDRO_KEY_VALUE'),
      base_url: server.url,
      hydrovu_path: '/hydrovu',
      devices: [
        { name: 'pier', id: PIER },
        { name: 'well', id: WELL },
      ],
    }),
  );
  expect((await call('init')).code).toBe(0);
  expect((await call('mknod', 'hydrovu', '/etc/hydrovu.d/noyo', '--config-path', config)).code).toBe(0);
});
afterAll(() => server.close());

test('a device that fails is said on standard error and by exit 3, what landed can be queried, and the next run makes it good', async () => {
  fake.fail({ on: PIER, status: 403 });
  const first = await call('run', '/etc/hydrovu.d/noyo', 'collect', '--json');
  expect(first.code).toBe(3);
  expect(first.stderr).toMatch(/^pond: warning: pier \(4990594334457856\): asking http.*answered 403/m);
  expect(JSON.parse(first.stdout)).toMatchObject({
    status: 'committed',
    mode: 'writer',
    undone: [expect.stringContaining('pier')],
    report: { devices: [{ state: 'failed' }, { state: 'appended', rows: 2 }] },
  });
  expect((await call('run', '/etc/hydrovu.d/noyo')).code).toBe(0);
  const sql = `SELECT count(*) AS n, max("Temperature.C") AS warmest FROM '/hydrovu/devices/${PIER}/pier_active.series'`;
  expect((await call('sql', sql, '--format', 'csv')).stdout.trim()).toBe('n,warmest\n2,12.75');
});

test('where nothing lands the run ends with 1, and the record of it has the reason and no secret', async () => {
  fake.fail({ on: '/data', status: 403, times: 2 });
  const { code, stderr } = await call('run', '/etc/hydrovu.d/noyo', 'collect');
  expect(code).toBe(1);
  expect(stderr).toMatch(/pier .*answered 403.*well .*answered 403/);
  const { stdout } = await call('control', '--json', '--limit', '1');
  expect(JSON.parse(stdout).transactions[0]).toMatchObject({
    status: 'failed',
    error_message: expect.stringContaining('answered 403'),
  });
  expect(stdout + stderr).not.toContain('a-secret-of-mine');
});

test('wrong credentials are told as such, and a secret that is written out is refused before it is stored', async () => {
  const wrong = await callPond(['run', '/etc/hydrovu.d/noyo'], {
    pond,
    env: { ...env, HYDRO_KEY_VALUE: 'another-secret' },
  });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('invalid_client')]);
  const written = JSON.stringify({ client_id: 'me', client_secret: 'abc', hydrovu_path: '/x', devices: [] });
  const refused = await call('mknod', 'hydrovu', '/etc/hydrovu.d/other', '--config', written);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('client_secret: a secret is written');
});
