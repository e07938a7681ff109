import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeUserState } from '../../src/adapters/node/node-user-state.js';
import { startChild } from '../control/child-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('user-state');
});

const me = { id: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 };
const stateIn = (directory: string, more: Record<string, string> = {}) =>
  nodeUserState({ variables: { POND_STATE_DIR: directory, ...more }, user: me });
const problemOf = (directory: string): string => {
  const kept = stateIn(directory).keep('approvals', 'a', 'text')();
  return kept._tag === 'Left' ? kept.left.problem : 'none';
};

describe('what a user keeps', () => {
  it('is found again, and gone once it is forgotten', () => {
    const state = stateIn(join(folder, 'deep/state'));
    expect(state.names('approvals')()).toEqual({ _tag: 'Right', right: [] });
    state.keep('approvals', 'one', 'first')();
    state.keep('approvals', 'one', 'second')();
    expect(stateIn(join(folder, 'deep/state')).read('approvals', 'one')()).toEqual({
      _tag: 'Right',
      right: 'second',
    });
    expect(state.names('approvals')()).toEqual({ _tag: 'Right', right: ['one'] });
    state.forget('approvals', 'one')();
    expect(state.read('approvals', 'one')()).toEqual({ _tag: 'Right', right: null });
  });

  it('can be read by nobody else, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const state = stateIn(join(folder, 'state'));
      state.keep('approvals', 'one', 'text')();
      state.hmac('text')();
    } finally {
      process.umask(before);
    }
    expect(lstatSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(folder, 'state/approvals')).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(folder, 'state/approvals/one')).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(folder, 'state/key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'state/key'))).toHaveLength(32);
  });

  it('leaves nothing but what is kept', () => {
    const state = stateIn(join(folder, 'state'));
    state.keep('approvals', 'one', 'text')();
    state.hmac('text')();
    state.hmac('text')();
    expect(readdirSync(join(folder, 'state')).sort()).toEqual(['approvals', 'key']);
    expect(readdirSync(join(folder, 'state/approvals'))).toEqual(['one']);
  });

  it('is closed to others where they could look at it before', () => {
    mkdirSync(join(folder, 'state'), { mode: 0o755 });
    expect(problemOf(join(folder, 'state'))).toBe('none');
    expect(lstatSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  });
});

it('the key is the same for all processes that ask for it first at the same moment', async () => {
  const source = `
    import { nodeUserState } from './src/adapters/node/node-user-state.ts';
    const state = nodeUserState({ variables: { POND_STATE_DIR: ${JSON.stringify(join(folder, 'state'))} }, user: null });
    console.log('ready');
    while (!existsSync(${JSON.stringify(join(folder, 'go'))})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    console.log(state.hmac('text')().right);
    import { existsSync } from 'node:fs';`;
  const children = await Promise.all([1, 2, 3, 4].map(() => startChild(source)));
  for (const child of children) expect(await child.line()).toBe('ready');
  writeFileSync(join(folder, 'go'), '');
  const answers = await Promise.all(children.map((child) => child.line()));
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^[0-9a-f]{64}$/);
});

describe('a directory is refused, in words that say which', () => {
  it('that lies in a pond', () => {
    mkdirSync(join(folder, 'pond/data/_delta_log'), { recursive: true });
    expect(problemOf(join(folder, 'pond/state'))).toBe(`it lies in the pond ${folder}/pond`);
    expect(existsSync(join(folder, 'pond/state'))).toBe(false);
  });

  it('that others can exchange', () => {
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o777);
    expect(problemOf(join(folder, 'open/state'))).toBe(`others can exchange what is in ${folder}/open`);
    expect(problemOf(join(folder, 'open'))).toBe(`others can exchange what is in ${folder}/open`);
  });

  it('that is there for more than this, and it stays as it was', () => {
    const place = join(folder, 'home');
    mkdirSync(place);
    writeFileSync(join(place, 'page.html'), 'text');
    expect(problemOf(place)).toContain('it holds other files');
    expect(problemOf('/')).toBe('it is the root of the file system');
    mkdirSync(join(folder, 'tmp'));
    chmodSync(join(folder, 'tmp'), 0o1777);
    expect(problemOf(join(folder, 'tmp'))).toBe('it is a directory for all users');
    expect(lstatSync(place).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(folder, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(problemOf(join(folder, 'tmp/state'))).toBe('none');
  });

  it('that cannot be written, before anything is to be kept', async () => {
    const place = join(folder, 'home');
    mkdirSync(place, { mode: 0o500 });
    chmodSync(folder, 0o755);
    if (me.id === 0) chownSync(place, 4242, 4242);
    const child = await startChild(`
      import { nodeUserState } from './src/adapters/node/node-user-state.ts';
      const user = ${me.id === 0 ? '{ id: 4242, group: 4242 }' : JSON.stringify(me)};
      process.setuid(user.id);
      for (const POND_STATE_DIR of ['home', 'home/state'].map((name) => ${JSON.stringify(`${folder}/`)} + name))
        console.log(JSON.stringify(nodeUserState({ variables: { POND_STATE_DIR }, user }).directory()));`);
    for (const _ of ['home', 'home/state'])
      expect(JSON.parse((await child.line()) ?? '')).toMatchObject({
        left: { problem: `access failed: EACCES (${place})` },
      });
  });

  it('that is not an absolute path', () => {
    expect(problemOf('state')).toBe('POND_STATE_DIR is not an absolute path');
  });

  it('whose key is not one', () => {
    mkdirSync(join(folder, 'state'), { mode: 0o700 });
    writeFileSync(join(folder, 'state/key'), 'short');
    const mac = stateIn(join(folder, 'state')).hmac('text')();
    expect(mac).toMatchObject({ _tag: 'Left', left: { problem: 'its file `key` has not 32 bytes' } });
  });

  it('whose key is a pipe, without waiting for somebody to write into it', () => {
    mkdirSync(join(folder, 'state'), { mode: 0o700 });
    execFileSync('mkfifo', [join(folder, 'state/key')]);
    expect(stateIn(join(folder, 'state')).hmac('text')()).toMatchObject({ _tag: 'Left' });
  });

  it.runIf(me.id === 0)('that belongs to another user, or is reached through one of theirs', () => {
    const other = { id: 4242, group: 4242 };
    mkdirSync(join(folder, 'theirs'), { mode: 0o700 });
    chownSync(join(folder, 'theirs'), other.id, other.group);
    expect(problemOf(join(folder, 'theirs'))).toBe(`${folder}/theirs belongs to another user`);
    expect(problemOf(join(folder, 'theirs/state'))).toBe(`${folder}/theirs belongs to another user`);

    mkdirSync(join(folder, 'mine'), { mode: 0o700 });
    symlinkSync(join(folder, 'mine'), join(folder, 'link'));
    expect(problemOf(join(folder, 'link'))).toBe('none');
    execFileSync('chown', ['-h', '4242', join(folder, 'link')]);
    expect(problemOf(join(folder, 'link'))).toBe(`${folder}/link belongs to another user`);
  });
});

describe('the directory', () => {
  const directoryFor = (variables: Record<string, string>) => {
    const found = nodeUserState({ variables, user: me }).directory();
    return found._tag === 'Right' ? found.right : found.left.problem;
  };

  it('is $POND_STATE_DIR, else below $XDG_STATE_HOME, else below the home directory', () => {
    const variables = { HOME: folder, XDG_STATE_HOME: `${folder}/xdg`, POND_STATE_DIR: `${folder}/own` };
    expect(directoryFor(variables)).toBe(`${folder}/own`);
    expect(directoryFor({ ...variables, POND_STATE_DIR: '' })).toBe(`${folder}/xdg/pond-steward`);
    expect(directoryFor({ HOME: folder })).toBe(`${folder}/.local/state/pond-steward`);
  });

  it.runIf(me.id === 0)('is not in the home directory of somebody else, which sudo may name', () => {
    mkdirSync(join(folder, 'home'));
    chownSync(join(folder, 'home'), 4242, 4242);
    expect(directoryFor({ HOME: join(folder, 'home') })).not.toContain(folder);
  });
});

it('a machine is told from others, also where it has no id of its own, and always the same', () => {
  const state = stateIn(join(folder, 'state'));
  const [first, second] = [state.machine(), stateIn(join(folder, 'state')).machine()];
  expect(first).toMatchObject({ _tag: 'Right', right: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(second).toEqual(first);
});
