import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';
import { someOf } from '../support/sample-of.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['copy', '-', '/in/big.csv'], { input: 'a,b\n'.repeat(200_000) });
});
afterAll(() => pond.remove());

/** Runs a command with standard output on a device or file. */
const onto = (path: string, args: readonly string[]) => {
  const out = openSync(path, 'w');
  try {
    return spawnSync(process.execPath, [builtExecutable(), ...args], {
      env: { ...process.env, POND: pond.pond },
      stdio: ['ignore', out, 'pipe'],
      encoding: 'utf8',
    });
  } finally {
    closeSync(out);
  }
};

const COMMANDS = [
  ['cat', '/in/big.csv'],
  ['cat', '/in/big.csv', '--json'],
  ['list'],
  ['status', '--json'],
  ['control'],
  ['fsck'],
  ['plan'],
  ['versions', '/in/big.csv'],
  ['sql', "SELECT count(*) FROM '/in/big.csv'"],
  ['factories'],
  ['mkdir', '/made', '--json'],
  ['--version'],
  ['--help'],
];

test.each(someOf(COMMANDS).map((args) => ({ args })))(
  'a full disk under the output of pond $args is told, with exit code 1',
  ({ args }) => {
    const { status, stderr } = onto('/dev/full', args);
    expect(stderr).toContain('standard output: write failed: ENOSPC');
    expect(status).toBe(1);
  },
);

test('an output to a file has every byte', () => {
  const path = `${pond.host}/out.csv`;
  expect(onto(path, ['cat', '/in/big.csv']).status).toBe(0);
  expect(spawnSync('wc', ['-c', path], { encoding: 'utf8' }).stdout).toContain('800000');
});

test('a reader that has gone is not an error', () => {
  const shell = `"$NODE" "$EXECUTABLE" cat /in/big.csv | head -c 3; echo "\${PIPESTATUS[0]}"`;
  const env = { ...process.env, POND: pond.pond, NODE: process.execPath, EXECUTABLE: builtExecutable() };
  const { stdout, stderr } = spawnSync('bash', ['-c', shell], { env, encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'a,b0\n', stderr: '' });
});

test('an output into a pipe that is full waits for its reader, and is whole', () => {
  // The pipe is filled to its last byte before the reader begins; the second line is written when it is empty.
  const shell = `
    { head -c 65536 /dev/zero; "$NODE" "$EXECUTABLE" list '/in/*'; "$NODE" "$EXECUTABLE" list '/in/*'; } | { sleep 1; tr -d '\\000'; }
  `;
  const env = { ...process.env, POND: pond.pond, NODE: process.execPath, EXECUTABLE: builtExecutable() };
  const { stdout, stderr } = spawnSync('bash', ['-c', shell], { env, encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: '/in/big.csv\n/in/big.csv\n', stderr: '' });
});

/** Runs the executable as a shell does, by its first line. */
const inShell = (script: string, closed: string) =>
  spawnSync('/bin/sh', ['-c', `"$EXECUTABLE" ${script} ${closed}`], {
    env: { ...process.env, POND: pond.pond, EXECUTABLE: builtExecutable() },
    encoding: 'utf8',
  });

test.each(someOf([['list'], ['status --json'], ['mkdir /made/twice -p --json'], ['--help']]))(
  'a standard output that is closed is told by pond %s, with exit code 1',
  (command) => {
    const { status, stderr } = inShell(command, '>&-');
    expect(stderr).toContain('standard output: write failed: EBADF');
    expect(status).toBe(1);
  },
);

test('a standard input that is closed is not an empty one', () => {
  const { status, stderr } = inShell('copy - /in/nothing', '<&-');
  expect(stderr).toContain('standard input: read failed: EBADF');
  expect(status).toBe(1);
  expect(inShell('list /in/nothing', '').status).toBe(1);
});

test('a command that prints nothing does not need a standard output, and one that reads nothing no input', () => {
  expect(inShell('mkdir /quietly', '>&- <&-')).toMatchObject({ status: 0, stderr: '' });
});
