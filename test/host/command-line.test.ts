import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as timer } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { run, start } from '../crash/machinery/built-ponds.js';
import { builtExecutable } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';
import { treeOf } from './machinery/tree.js';

let folder = '';
let pond = '';
let root = '';
let round = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-host-'));
  pond = builtExecutable();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  round += 1;
  root = join(folder, `tree-${round}`);
  mkdirSync(root);
});

const environment = () => ({ XDG_STATE_HOME: join(folder, `state-${round}`), POND: '' });
const host = (...args: readonly string[]) => callPond(['host', ...args], { env: environment() });
const planFile = (operations: readonly object[], name = 'plan.json') => {
  const path = join(folder, `${round}-${name}`);
  writeFileSync(path, JSON.stringify({ operations }));
  return path;
};
const tree = () => treeOf(nodeFileSystem, root);

describe('pond host apply', () => {
  test('executes a plan without any pond, and leaves nothing beside it', async () => {
    const path = join(folder, `${round}-plan.yaml`);
    writeFileSync(
      path,
      [
        'operations:',
        `  - { id: v, kind: DirCreate, path: ${root}/v42 }`,
        `  - { id: index, kind: FileWrite, path: ${root}/v42/index.html, content: hello }`,
        `  - { id: current, kind: LinkCreate, source: ${root}/v42, target: ${root}/current, mode: relative, replace: true }`,
      ].join('\n'),
    );
    const dry = await host('apply', path, '--dry-run');
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout.split('\n').slice(0, 4)).toEqual([
      'batch 1:',
      `  v  DirCreate ${root}/v42`,
      'batch 2:',
      `  index  FileWrite ${root}/v42/index.html`,
    ]);
    expect(readdirSync(root)).toEqual([]);

    const done = await host('apply', path, '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toEqual({
      executed: ['v', 'index', 'current'],
      failed: [],
      rolled_back: [],
      skipped: [],
      errors: [],
      rollback_failures: [],
    });
    expect(readlinkSync(join(root, 'current'))).toBe('v42');
    expect(readdirSync(root).toSorted()).toEqual(['current', 'v42']);
  });

  test('refuses a pipe in place of a plan file at once, instead of waiting for its other end', async () => {
    const pipe = join(folder, `${round}-pipe`);
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', pipe]);
    const refused = await host('apply', pipe);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`${pipe}: read failed: not a regular file`);
  });

  test('prints what prepare found, as JSON too, ends with 1 and touches nothing', async () => {
    const path = planFile([
      { id: 'a', kind: 'DirCreate', path: `${root}/new` },
      { id: 'b', kind: 'FileDelete', path: `${root}/absent` },
      { id: 'c', kind: 'FileWrite', path: `${root}/no/where`, content: '' },
    ]);
    const done = await host('apply', path, '--json');
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout)).toMatchObject({
      executed: [],
      failed: ['b', 'c'],
      rolled_back: [],
      skipped: ['a'],
      errors: [{ operation: 'b' }, { operation: 'c' }],
    });
    expect(readdirSync(root)).toEqual([]);
  });

  test('refuses a file that is not a plan with exit code 4, naming line and key', async () => {
    const path = join(folder, `${round}-bad.yaml`);
    writeFileSync(path, 'operations:\n  - { id: a, kind: DirCreate, path: relative }\n');
    const done = await host('apply', path, '--json');
    expect(done.code).toBe(4);
    expect(done.stderr).toContain(`${path}:2: operations[0].path: `);
    expect(JSON.parse(done.stdout)).toMatchObject({
      error: { tag: 'InvalidHostPlan', errors: [{ line: 2, key: 'operations[0].path' }] },
    });
  });
});

const many = (count: number) =>
  Array.from({ length: count }, (_, place) => [
    { id: `w${place}`, kind: 'FileWrite', path: `${root}/f${place}`, content: `new ${place}`, replace: true },
    { id: `d${place}`, kind: 'FileDelete', path: `${root}/g${place}` },
  ]).flat();

const fill = (count: number) => {
  for (let place = 0; place < count; place += 1) {
    writeFileSync(join(root, `f${place}`), `old ${place}`);
    writeFileSync(join(root, `g${place}`), 'to go');
  }
};

describe('a plan of 200 operations', () => {
  test('that is killed at a random moment is old or new after pond host recover, and twice is harmless', async () => {
    for (let killed = 0; killed < 6; killed += 1) {
      for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
      fill(100);
      const before = tree();
      const running = start(pond, '', ['host', 'apply', planFile(many(100))], { env: environment() });
      await timer(120 + killed * 60);
      running.child.kill('SIGKILL');
      await running.ended;
      expect((await host('recover')).code).toBe(0);
      const now = tree();
      if (JSON.stringify(now) !== JSON.stringify(before)) {
        expect(readdirSync(root).length).toBe(100);
        expect(readFileSync(join(root, 'f7'), 'utf8')).toBe('new 7');
      }
      expect((await host('recover')).stdout).toBe('nothing to recover\n');
      expect(tree()).toEqual(now);
    }
  });

  test('that is interrupted, twice, is rolled back and ends with 130', async () => {
    fill(100);
    const before = tree();
    const running = start(pond, '', ['host', 'apply', planFile(many(100)), '--concurrency', '1'], {
      env: environment(),
    });
    while (!readdirSync(root).some((name) => name.startsWith('.pond-host-plan'))) await timer(1);
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    if (ended.code === 130 && !ended.stdout.includes('executed')) expect(tree()).toEqual(before);
    else expect(readFileSync(join(root, 'f7'), 'utf8')).toBe('new 7');
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('host-export', () => {
  const inPond = (...args: readonly string[]) => callPond(args, { pond: join(folder, `pond-${round}`) });
  const setUp = async (layout: 'mirror' | 'versions') => {
    await inPond('init');
    await inPond('mkdir', '-p', '/site/deep');
    writeFileSync(join(folder, 'one'), 'one');
    writeFileSync(join(folder, 'two'), 'two');
    const config = [
      'source: "/site/**"',
      `target: ${root}/out`,
      'strip_prefix: /site',
      `layout: ${layout}`,
      'keep: 2',
    ];
    const made = await inPond(
      'mknod',
      'host-export',
      '/etc/system.d/10-export',
      '--config',
      config.join('\n'),
    );
    expect(made.code).toBe(0);
  };
  const copy = (from: string, to: string) => inPond('copy', `host://${join(folder, from)}`, to);

  test('mirrors the commit, and deletes only what it had exported', async () => {
    await setUp('mirror');
    expect((await copy('one', '/site/deep/a')).code).toBe(0);
    writeFileSync(join(root, 'out', 'mine'), 'not exported');
    expect((await copy('two', '/site/b')).code).toBe(0);
    expect((await copy('two', '/site/deep/a')).code).toBe(0);
    expect(readFileSync(join(root, 'out/deep/a'), 'utf8')).toBe('two');
    expect((await inPond('rm', '-r', '/site/deep')).code).toBe(0);
    expect(readdirSync(join(root, 'out')).toSorted()).toEqual(['.pond-export.json', 'b', 'mine']);
  });

  test('restores the mirror when something of the host is in the way', async () => {
    await setUp('mirror');
    await copy('one', '/site/deep/a');
    writeFileSync(join(root, 'out', 'b'), 'in the way');
    const before = tree();
    expect((await copy('two', '/site/b')).code).toBe(3);
    expect(tree()).toEqual(before);
  });

  test('flips current to whole versions, keeps as many as it is told to, and never goes back', async () => {
    await setUp('versions');
    await copy('one', '/site/a');
    let reading = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (reading) {
        seen.add(readFileSync(join(root, 'out/current/a'), 'utf8'));
        await timer(0);
      }
    })();
    for (const name of ['two', 'one', 'two'])
      await run(pond, join(folder, `pond-${round}`), ['copy', `host://${join(folder, name)}`, '/site/a']);
    reading = false;
    await reader;
    expect([...seen].every((content) => content === 'one' || content === 'two')).toBe(true);
    const versions = readdirSync(join(root, 'out')).filter((name) => name.startsWith('v'));
    expect(versions.length).toBe(2);
    const current = readlinkSync(join(root, 'out/current'));
    await inPond('control', 'retry', '4');
    expect(readlinkSync(join(root, 'out/current'))).toBe(current);
    expect(existsSync(join(root, 'out/current/a'))).toBe(true);
  });
});
