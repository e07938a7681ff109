import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callPond } from '../support/pond-in-process.js';

const EXPORT = 'source: /out\ntarget: /srv/www\n';

it('an entry that changes the machine that runs it must name one in a pond that many share', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hosts-'));
  const pond = `file://${root}/store`;
  const one = { pond, env: { POND_STATE_DIR: `${root}/state`, POND_CACHE: `${root}/one` } };
  await callPond(['init', pond, '--control', `file://${root}/control`], one);
  const make = (path: string, yaml: string) =>
    callPond(['mknod', 'host-export', path, '--config', yaml, '--overwrite'], one);

  const refused = await make('/etc/system.d/10-www', EXPORT);
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.stderr).toContain('/etc/system.d/10-www: host: missing: many machines run tasks');
  expect(refused.stderr).toContain('"host: NAME" beside "factory: host-export"');

  // Run by hand, where whoever does it is.
  expect(await make('/tools/www', EXPORT)).toMatchObject({ code: 0 });

  const placed = `factory: host-export\nhost: web1\nconfig:\n  ${EXPORT.replaceAll('\n', '\n  ')}`;
  expect(await make('/etc/system.d/10-www', placed)).toMatchObject({ code: 0 });

  const folder = 'folder: /srv/incoming\ninto: /in/\n';
  const watch = (yaml: string) =>
    callPond(['mknod', 'watch', '/etc/watch.d/10-in', '--config', yaml, '--overwrite'], one);
  const nowhere = await watch(folder);
  expect(nowhere).toMatchObject({ code: 4 });
  expect(nowhere.stderr).toContain('/etc/watch.d/10-in: host: missing: many machines');
  expect(await watch(`host: web1\n${folder}`)).toMatchObject({ code: 0 });
  expect(JSON.parse((await callPond(['status', '--json'], one)).stdout).watches).toMatchObject([
    { host: 'web1', folder: '/srv/incoming', problem: null },
  ]);

  const written = await callPond(['mkdir', '/out', '--json'], one);
  expect(written).toMatchObject({ code: 6 });
  expect(JSON.parse(written.stdout)).toMatchObject({ tasks: [{ state: 'pending' }] });
  expect(written.stderr).toContain('it runs on the machine \\"web1\\"');

  const local = { pond: `${root}/local`, env: one.env };
  await callPond(['init'], local);
  expect(
    await callPond(['mknod', 'host-export', '/etc/system.d/10-www', '--config', EXPORT], local),
  ).toMatchObject({ code: 0 });
});
