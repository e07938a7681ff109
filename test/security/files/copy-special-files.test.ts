import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
  await pond.run(['copy', '-', '/x'], { input: 'content' });
});
afterAll(() => pond.remove());

const at = (name: string): string => join(pond.host, name);
const pipe = (name: string): string => {
  execFileSync('mkfifo', [at(name)]);
  return at(name);
};

test('a pipe or device is refused as a source by its name, at once', async () => {
  for (const path of [pipe('source'), '/dev/zero']) {
    const { stderr } = await pond.run(['copy', `host://${path}`, '/in'], { expect: 1 });
    expect(stderr).toContain(`${path} is a pipe, socket or device`);
  }
});

test('a pipe, a device and a symlink stay what they are when they are named as the target', async () => {
  writeFileSync(at('precious'), 'precious');
  symlinkSync(at('precious'), at('link'));
  for (const path of [pipe('target'), at('link'), '/dev/full']) {
    const before = lstatSync(path).mode;
    const { stderr } = await pond.run(['copy', '/x', `host://${path}`], { expect: 1 });
    expect(stderr).toContain(path);
    expect(lstatSync(path).mode).toBe(before);
  }
  expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
});

test('a file that is replaced keeps its mode, and a new one is not for others to write whatever the umask', async () => {
  writeFileSync(at('private'), '');
  chmodSync(at('private'), 0o600);
  await pond.run(['copy', '/x', `host://${at('private')}`]);
  expect([statSync(at('private')).mode & 0o777, readFileSync(at('private'), 'utf8')]).toEqual([
    0o600,
    'content',
  ]);
  execFileSync(
    'sh',
    [
      '-c',
      'umask 000; exec "$@"',
      'sh',
      process.execPath,
      builtExecutable(),
      'copy',
      '/x',
      `host://${at('new')}`,
    ],
    {
      env: { ...process.env, POND: pond.pond },
    },
  );
  expect(statSync(at('new')).mode & 0o022).toBe(0);
});

test('all that pond makes in a pond with umask 000 can be written by its owner only', () => {
  const other = at('open');
  const script =
    'umask 000; P="$1 $2 --pond $3"; $P init && head -c 100000 /dev/urandom | $P copy - /in/x && $P maintain';
  execFileSync('sh', ['-c', script, 'sh', process.execPath, builtExecutable(), other], { stdio: 'ignore' });
  expect(execFileSync('find', [other, '-perm', '/022'], { encoding: 'utf8' })).toBe('');
});

test('a tree that is copied again goes where it went before', async () => {
  mkdirSync(at('week'));
  writeFileSync(at('week/a'), '1');
  for (let times = 0; times < 2; times += 1) await pond.run(['copy', '-r', `host://${at('week')}`, '/week']);
  expect((await pond.run(['list', '/week/**'])).stdout).toBe('/week/a\n');
});

test('a write that waits for its input does not keep others from writing', async () => {
  const waiting = spawn(process.execPath, [builtExecutable(), 'copy', '-', '/slow'], {
    env: { ...process.env, POND: pond.pond },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  waiting.stdin.write('begun');
  await pond.run(['mkdir', '/beside', '--lock-timeout', '0s']);
  waiting.stdin.end(', ended');
  expect(await new Promise((done) => waiting.on('exit', done))).toBe(0);
  expect((await pond.run(['cat', '/slow'])).stdout).toBe('begun, ended');
});
