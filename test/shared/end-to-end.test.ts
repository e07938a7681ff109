import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callPond } from '../support/pond-in-process.js';

describe('a pond in a store', () => {
  it('is the same from two directories of copies', async () => {
    const root = mkdtempSync(join(tmpdir(), 'shared-'));
    const pond = `file://${root}/store`;
    const env = { POND_STATE_DIR: `${root}/state` };
    const one = { pond, env: { ...env, POND_CACHE: `${root}/one` } };
    const two = { pond, env: { ...env, POND_CACHE: `${root}/two` } };
    const made = await callPond(['init', pond, '--control', `file://${root}/control`], one);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(`${root}/a.txt`, 'hello\n');
    writeFileSync(`${root}/b.bin`, Buffer.alloc(100_000, 7));
    expect(await callPond(['copy', `host://${root}/a.txt`, '/a.txt'], one)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await callPond(['copy', `host://${root}/b.bin`, '/b.bin'], one)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await callPond(['cat', '/a.txt'], two)).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
    expect(await callPond(['list'], two)).toMatchObject({ code: 0, stderr: '' });
    const cat = await callPond(['cat', '/b.bin'], two);
    expect(cat.stderr).toBe('');
    expect(cat.stdout.length).toBe(100_000);
    for (let n = 0; n < 11; n += 1) {
      const who = n % 2 === 0 ? two : one;
      expect(await callPond(['mkdir', `/d${n}`], who)).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await callPond(['list', '/d*'], one)).stdout.split('\n').length).toBe(12);
    const control = await callPond(['control', '--limit', '3'], two);
    expect(control.stderr).toBe('');
    expect(control.code).toBe(0);
    const three = { pond, env: { ...env, POND_CACHE: `${root}/three` } };
    expect(await callPond(['cat', '/a.txt', '--at', '2'], three)).toMatchObject({
      code: 0,
      stdout: 'hello\n',
    });
    expect(await callPond(['plan', '3'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['status'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['maintain'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['recover'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['fsck'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['rebuild-control'], three)).toMatchObject({ code: 0, stderr: '' });
    expect(await callPond(['trust', pond], three)).toMatchObject({ code: 0 });
    expect(await callPond(['restore', pond, 's3://x/y'], three)).toMatchObject({ code: 2 });
    const again = await callPond(['init', '--control', `file://${root}/control`], three);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is a pond already');
    expect(again.stderr).toContain('choose another prefix');
  });

  it('that is not there is made with --control, as each command says', async () => {
    const root = mkdtempSync(join(tmpdir(), 'shared-'));
    const none = { pond: `file://${root}/store`, env: { POND_STATE_DIR: `${root}/state` } };
    expect((await callPond(['status'], none)).stderr).toMatch(
      /is not a pond\n {2}try: pond .*init makes a new pond there, with --control postgres:/,
    );
    const made = await callPond(['init'], none);
    expect(made).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^pond: a pond in a store needs --control/),
    });
  });

  it('is not what a remote or another program has there, and both opening and making one say what it is', async () => {
    const root = mkdtempSync(join(tmpdir(), 'shared-'));
    const here = { pond: `${root}/local`, env: { POND_STATE_DIR: `${root}/state` } };
    const there = { ...here, pond: `file://${root}/remote` };
    expect(await callPond(['init'], here)).toMatchObject({ code: 0 });
    expect(await callPond(['remote', 'add', 'up', there.pond], here)).toMatchObject({ code: 0 });
    expect(await callPond(['push', 'up'], here)).toMatchObject({ code: 0 });
    const opened = await callPond(['list'], there);
    expect(opened.code).toBe(1);
    expect(opened.stderr).toMatch(
      /has a table, a remote's .* and no _pond\.json.*\n {2}try: of a remote, pond restore file:\S+ DIR makes a pond/,
    );
    expect(opened.stderr).not.toContain('pond init');
    const made = await callPond(['init', '--control', `file://${root}/control`], there);
    expect(made.code).toBe(1);
    expect(made.stderr).toMatch(/has a table already.*\n {2}try: choose another prefix/);
  });
});
