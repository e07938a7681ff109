import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['mknod', 'file', '/in/file.txt', '--config', 'text']);
  await writeFile(join(pond.host, 'five-megabytes.yaml'), `message: ${'a'.repeat(5_000_000)}\n`);
  await mkdir(join(pond.host, 'directory'));
  await writeFile(join(pond.host, 'empty.csv'), '');
  await writeFile(
    join(pond.host, 'twice.csv'),
    'time,value\n2026-01-01T00:00:00,1\n"time",value\n2026-01-02T00:00:00,2\n',
  );
  await writeFile(join(pond.host, 'series.csv'), 'time,value\n2026-01-01T00:00:00,1\n');
});
afterAll(() => pond.remove());

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
  'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
  'd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]',
  'e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]',
  'f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]',
  'message: *f',
].join('\n');

const executor = (config: string) => ['mknod', 'test-executor', '/etc/system.d/x', '--config', config];

describe('bad input', () => {
  it('is said in part where it is long, in the error and in what to do about it', async () => {
    for (const args of [
      ['copy', 'x'.repeat(100_000), '/x'],
      ['cat', `/${'x'.repeat(100_000)}`],
      executor(`${'x'.repeat(100_000)}: 1`),
    ]) {
      const { stderr } = await pond.run(args, {
        expect: args[0] === 'mknod' ? 4 : 2,
      });
      expect(stderr.length).toBeLessThan(10_000);
      expect(stderr.length).toBeGreaterThan(20);
    }
  });

  it.each<[string, () => string[], number, RegExp]>([
    ['a path with ..', () => ['cat', '/in/../in/file.txt'], 2, /\.\. is not allowed/],
    ['a path without a leading /', () => ['mkdir', 'in'], 2, /"in" is not a path in a pond/],
    ['an existing pond', () => ['init'], 1, /is a pond already/],
    [
      'a queue that no entry can name',
      () => ['worker', '--queues', 'any,a b'],
      2,
      /names of queues.*got "a b"/,
    ],
    [
      'more tasks side by side than any machine runs',
      () => ['worker', '--concurrency', '100000000000'],
      2,
      /from 1 to 10000/,
    ],
    ['a missing parent', () => ['mkdir', '/no/such'], 1, /\/no\/such.*"no"/],
    ['a missing path', () => ['cat', '/in/nothing'], 1, /\/in\/nothing: there is nothing/],
    ['a directory where a file is expected', () => ['cat', '/in'], 1, /\/in is a directory/],
    ['a file where a directory is expected', () => ['list', '/in/file.txt/'], 1, /\/in\/file.txt is a file/],
    ['an existing path', () => ['mknod', 'file', '/in/file.txt'], 1, /\/in\/file.txt exists already/],
    ['YAML that is none', () => executor('message: ['), 4, /\/etc\/system\.d\/x: .*YAML/],
    ['a YAML bomb', () => executor(BOMB), 4, /\/etc\/system\.d\/x/],
    ['a misspelt key', () => executor('mesage: hi'), 4, /\/etc\/system\.d\/x: mesage: unknown key/],
    ['a value of the wrong type', () => executor('message: hi\nfail: maybe'), 4, /fail: /],
    [
      'a misspelt factory',
      () => ['mknod', 'test-exekutor', '/x', '--config', 'a: 1'],
      4,
      /did you mean test-executor/,
    ],
    [
      'a configuration of 5 MB',
      () => ['mknod', 'test-executor', '/x', '--config-path', join(pond.host, 'five-megabytes.yaml')],
      4,
      /too large; the limit is 1048576 bytes/,
    ],
    ['a missing configuration', () => ['mknod', 'test-executor', '/x'], 2, /needs a configuration/],
    [
      'a type that the factory does not make',
      () => ['mknod', '/x', '--factory', 'test-file', '--type', 'dynamic-dir', '--config', 'content: hi'],
      2,
      /makes a dynamic-file/,
    ],
    [
      'a host file that is missing',
      () => ['copy', 'host:///no/such/file', '/in/'],
      1,
      /host file \/no\/such\/file/,
    ],
    [
      'a host directory',
      () => ['copy', `host://${join(pond.host, 'directory')}`, '/in/'],
      1,
      /is a directory/,
    ],
    [
      'text as a table',
      () => ['copy', `host+table://${join(pond.host, 'five-megabytes.yaml')}`, '/t'],
      1,
      /Parquet/,
    ],
    [
      'a pattern that matches nothing',
      () => ['copy', '/in/*.none', `host://${pond.host}/out`],
      1,
      /matches no file/,
    ],
    [
      'a transaction that is to come',
      () => ['cat', '/in/file.txt', '--at', '99'],
      1,
      /there is no transaction 99/,
    ],
    ['a version that is not there', () => ['cat', '/in/file.txt', '--version', '9'], 1, /has no version 9/],
    ['a task that is not there', () => ['control', 'retry', '2.7'], 1, /2\.7/],
    ['what cannot be run', () => ['run', '/in/file.txt'], 1, /has no executable factory/],
    ['a setting that is none', () => ['config', 'set', 'colour', 'blue'], 4, /colour/],
    ['removing a full directory', () => ['rm', '/in'], 1, /not empty/],
    ['an option that man does not have', () => ['man', '--bogus'], 2, /unknown option '--bogus'/],
    ['moving a directory into itself', () => ['mv', '/in', '/in/deeper'], 1, /moved into itself/],
    ['copying a directory into itself', () => ['cp', '/in', '/in/deeper'], 1, /copied into itself/],
    [
      'a host file without host://',
      () => ['copy', 'data.csv', '/in/'],
      2,
      /"data.csv" is neither a path in the pond, which begins with \/, nor a file of the host/,
    ],
    [
      'a parameter that a query does not have',
      () => ['sql', 'SELECT $x', '--param', 'x=1', '--param', 'y=2'],
      1,
      /the query failed: a value is given for a parameter that the query does not have/,
    ],
    [
      'a function that takes no text',
      () => ['sql', "SELECT avg('a')"],
      1,
      /No function matches[^\t]*Candidate functions/,
    ],
    [
      'an empty file as a table',
      () => ['copy', '--as', 'table', `host://${join(pond.host, 'empty.csv')}`, '/t'],
      1,
      /^(?:pond: )?[^:]*empty.csv: it has no line that names its columns/,
    ],
    [
      'files that were put one behind the other, each with the names of its columns',
      () => ['copy', '--as', 'table', `host://${join(pond.host, 'twice.csv')}`, '/t'],
      1,
      /^(?:pond: )?[^:]*twice.csv, line 3: a row has the names of the columns once more/,
    ],
    [
      'columns that a new series does not have',
      () => ['copy', '--as', 'series', '--unique', 'no', `host://${join(pond.host, 'series.csv')}`, '/s'],
      2,
      /--unique: there is no column "no"; the columns are time, value/,
    ],
    [
      'a rule of a series that needs another',
      () => [
        'copy',
        '--as',
        'series',
        '--on-duplicate',
        'skip',
        `host://${join(pond.host, 'series.csv')}`,
        '/s',
      ],
      2,
      /^(?:pond: )?--on-duplicate: skip needs unique/,
    ],
    ['a place where nothing can be made', () => ['init', '/proc/no-pond'], 1, /\/proc\/no-pond/],
  ])('%s is an error that names it, in words and as JSON', async (_what, argv, code, message) => {
    const inWords = await pond.run(argv(), { expect: code });
    expect(inWords.stdout).toBe('');
    expect(inWords.stderr).toMatch(message);
    const asJson = await pond.run([...argv(), '--json'], { expect: code });
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { message: expect.stringMatching(message) } });
  });

  it('changes nothing: all of it left the last commit as it was', async () => {
    const { last_txn_seq } = JSON.parse((await pond.run(['status', '--json'])).stdout);
    expect(last_txn_seq).toBe(2);
  });

  it('is also a directory that is not a pond, and no pond at all', async () => {
    expect(await callPond(['list'], { pond: join(pond.host, 'directory') })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not a pond'),
    });
    for (const command of [['list'], ['status'], ['init'], ['mkdir', '/x'], ['fsck'], ['rebuild-control']]) {
      expect(await callPond(command, { pond: join(pond.host, 'series.csv') })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('series.csv is a file, and a pond is a directory'),
      });
    }
    expect(await callPond(['list'])).toMatchObject({ code: 2, stderr: expect.stringContaining('$POND') });
  });

  it('never makes a copy leave its target directory', async () => {
    const out = join(pond.host, 'guarded');
    const elsewhere = join(pond.host, 'elsewhere');
    await mkdir(out);
    await mkdir(elsewhere);
    await symlink(elsewhere, join(out, 'in'));
    const { stderr } = await pond.run(['copy', '/in/*', `host://${out}/`], { expect: 1 });
    expect(stderr).toContain(`${join(out, 'in')} is a symlink`);
  });
});

it('a working directory that was removed keeps nothing from working that is named absolutely', async () => {
  const gone = join(pond.host, 'gone');
  const inIt = (script: string) =>
    spawnSync('/bin/sh', ['-c', `mkdir "$GONE" && cd "$GONE" && rmdir "$GONE" && ${script}`], {
      env: { ...process.env, POND: pond.pond, GONE: gone, EXECUTABLE: builtExecutable() },
      encoding: 'utf8',
    });
  expect(inIt('"$EXECUTABLE" cat /in/file.txt')).toMatchObject({ status: 0, stdout: 'text' });
  const { status, stderr } = inIt('"$EXECUTABLE" copy host://x /in/x');
  expect([status, stderr]).toEqual([1, expect.stringContaining('no such file or directory')]);
});
