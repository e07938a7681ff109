// Copies of a pond in a store are believed once they are there, so nobody else may have put them there.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/logging/silent-logger.js';
import { livePorts } from '../../src/live-ports.js';
import { prepareControl } from '../../src/steward/shared/prepare-control.js';
import { callPond } from '../support/pond-in-process.js';

/** A pond in a store, with a place for copies that others may write, and what lies in it. */
const sharedPlace = async () => {
  const root = mkdtempSync(join(tmpdir(), 'copies-'));
  const pond = `file://${root}/store`;
  const cache = join(root, 'cache');
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  const one = { pond, env: { POND_STATE_DIR: `${root}/state`, POND_CACHE: cache } };
  await callPond(['init', pond, '--control', `file://${root}/control`], one);
  await callPond(['copy', '-', '/a.txt'], { ...one, input: 'mine' });
  const [copies = ''] = readdirSync(cache);
  return { root, copies: join(cache, copies), cat: () => callPond(['cat', '/a.txt'], one) };
};

it('users who name one place for copies have a directory each in it', async () => {
  const { copies, cat } = await sharedPlace();
  expect(copies).toMatch(new RegExp(`-${process.getuid?.()}$`));
  expect(await cat()).toMatchObject({ code: 0, stdout: 'mine' });
});

it('copies into which others may write are refused', async () => {
  const { copies, cat } = await sharedPlace();
  for (const mode of [0o777, 0o770, 0o702]) {
    chmodSync(copies, mode);
    const { code, stdout, stderr } = await cat();
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(`${copies}: copies of the pond`)]);
  }
});

it('a link in the place of copies is refused, wherever it leads', async () => {
  const { root, copies, cat } = await sharedPlace();
  renameSync(copies, join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), copies);
  expect(await cat()).toMatchObject({ code: 1, stderr: expect.stringContaining('another user') });
});

it('copies that belong to another user are refused', async () => {
  const { root, copies } = await sharedPlace();
  const { hostFiles, host } = livePorts(silentLogger);
  const { id = 0, group = 0 } = host.user ?? {};
  const control = {
    _tag: 'Directory' as const,
    address: `file://${root}/control`,
    directory: `${root}/control`,
  };
  // Whoever looks is somebody else, since only root could give the directory away.
  const by = (user: number) =>
    prepareControl({ hostFiles, host: { ...host, user: { id: user, group } } }, copies, control)();
  expect(await by(id)).toMatchObject({ _tag: 'Right' });
  expect(await by(id + 1)).toMatchObject({ left: { _tag: 'PondFileUnusable', path: copies } });
});
