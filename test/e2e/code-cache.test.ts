import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../crash/machinery/built-ponds.js';

const root = resolve(import.meta.dirname, '../..');
/** Layers of the executable. */
const LAYERS = ['reads', 'writes', 'upkeep', 'yaml', 'host', 'looks', 'tasks', 'rest'];

describe('the executable', () => {
  let folder = '';
  const caches = () =>
    [...LAYERS.map((layer) => `${layer}.js`), 'reads.js.writes'].map((name) =>
      join(folder, `layers/${name}.cache`),
    );
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-code-cache-'));
    for (const file of ['pond.cjs', 'layers']) {
      await cp(join(root, 'dist', file), join(folder, file), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const worksWith = async (...options: readonly string[]) => {
    const pond = join(folder, 'pond');
    const program = [...options, join(folder, 'pond.cjs')];
    const [first = '', ...rest] = program;
    for (const args of [['init'], ['mkdir', '/in']]) {
      expect(await run(first, pond, [...rest, ...args])).toMatchObject({ code: 0 });
    }
    expect(await run(first, pond, [...rest, 'list'])).toMatchObject({
      code: 0,
      stdout: '/etc\n/etc/system.d\n/in\n',
    });
  };

  /** What a program says that the executable is part of, with the given command. */
  const saidAtTheEnd = async (program: string, ...args: readonly string[]) => {
    const path = join(folder, 'asking.cjs');
    const executable = JSON.stringify(join(folder, 'pond.cjs'));
    await writeFile(path, `const pond = require(${executable});\nprocess.on('exit', () => { ${program} });`);
    return (await run(path, folder, args)).stderr.trim().split('\n');
  };

  it('comes with code caches that this Node accepts', async () => {
    const program = `
      for (const [name, { cachedDataRejected }] of pond.layers) console.error(name, cachedDataRejected);
    `;
    expect(await saidAtTheEnd(program, 'list', '--help')).toEqual(['reads false']);
    expect(await saidAtTheEnd(program, 'copy', '--help')).toEqual(['reads false', 'writes false']);
    const ofFsck = await saidAtTheEnd(program, 'fsck', '--help');
    expect(ofFsck).toContain('rest false');
    expect(ofFsck.filter((line) => line.endsWith('true'))).toEqual([]);
  });

  it('has its code caches accepted with options about memory and messages, and with no others', async () => {
    const program = `
      for (const [name, { cachedDataRejected }] of pond.layers) console.error(name, cachedDataRejected);
    `;
    const path = join(folder, 'asking.cjs');
    await saidAtTheEnd(program, 'list', '--help');
    const saidWith = (execArgv: readonly string[], NODE_OPTIONS: string) =>
      spawnSync(process.execPath, [...execArgv, path, 'list', '--help'], {
        env: { ...process.env, NODE_OPTIONS },
        encoding: 'utf8',
      }).stderr.trim();
    expect(saidWith(['--max-old-space-size=300'], '')).toBe('reads false');
    expect(saidWith([], '--max_old_space_size=300  --enable-source-maps --require node:os')).toBe(
      'reads false',
    );
    expect(saidWith(['--stack-trace-limit=20'], '--max-semi-space-size=8')).toBe('reads false');
    expect(saidWith(['--no-opt'], '--max-old-space-size=300')).toBe('reads true');
    expect(saidWith(['--max-old-space-size=300'], '--interpreted-frames-native-stack')).toBe('reads true');
  });

  it('works with options about memory', () =>
    worksWith('--max-old-space-size=300', '--stack-trace-limit=20'));

  /** What layers ask others for, as a layer's module and a name that it exports. */
  const askedBy = async (asking: 'calledIn' | 'takenFrom') => {
    const texts = await Promise.all(
      LAYERS.map((layer) => readFile(join(folder, `layers/${layer}.js`), 'latin1')),
    );
    const calls = new RegExp(`\\b${asking}\\((".*?"),(".*?")\\)`, 'g');
    return texts.flatMap((text) =>
      [...text.matchAll(calls)].map(([, name, exported]) => [
        JSON.parse(name ?? ''),
        JSON.parse(exported ?? ''),
      ]),
    );
  };

  it('has layers that ask those after them for functions only', async () => {
    const asked = await askedBy('calledIn');
    expect(asked.length).toBeGreaterThan(10);
    const program = `
      const isFunction = (value) => typeof value === 'function' && !/^class\\b/.test(String(value));
      const others = ${JSON.stringify(asked)}.filter(([name, one]) => !isFunction(pond.requireByName(name)[one]));
      console.error('others:', JSON.stringify(others));
    `;
    expect(await saidAtTheEnd(program, 'list', '--help')).toEqual(['others: []']);
  });

  it('has layers that have all that others take of them', async () => {
    const taken = await askedBy('takenFrom');
    expect(taken.length).toBeGreaterThan(100);
    const program = `
      const missing = ${JSON.stringify(taken)}.filter(([name, one]) => pond.requireByName(name)[one] === undefined);
      console.error('missing:', JSON.stringify(missing));
    `;
    expect(await saidAtTheEnd(program, 'list', '--help')).toEqual(['missing: []']);
  });

  it('does not load what writes for commands that only look', async () => {
    const pond = join(folder, 'pond');
    const executable = join(folder, 'pond.cjs');
    const made = spawnSync(process.execPath, [executable, '--pond', pond, 'init']);
    expect(made.status).toBe(0);
    const program = `
      console.error([...pond.layers.keys()].join(' '));
    `;
    const loadedBy = (...args: string[]) => saidAtTheEnd(program, '--pond', pond, ...args);
    expect(await loadedBy('list')).toEqual(['reads']);
    expect(await loadedBy('ls', '/etc')).toEqual(['reads']);
    expect(await loadedBy('status')).toEqual(['reads looks']);
    expect(await loadedBy('control')).toEqual(['reads looks']);
  });

  it('works without its code caches', async () => {
    for (const file of caches()) await rm(file);
    await worksWith();
  });

  it('says its version, and that it could not, as it says everything else', async () => {
    const program = join(folder, 'pond.cjs');
    const said = await run(program, folder, ['--version']);
    expect(said).toMatchObject({
      code: 0,
      stdout: (await run(program, folder, ['--version', '--json'])).stdout.replace(
        /^.*"version":"([^"]*)".*$/s,
        '$1\n',
      ),
    });
    const full = spawnSync(process.execPath, [program, '--version'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    expect(full.status).toBe(1);
    expect(full.stderr).toContain('ENOSPC');
  });

  it('works with the code cache of another Node', async () => {
    for (const file of caches()) {
      const bytes = await readFile(file);
      // V8's version, or rather its hash.
      bytes.writeUInt32LE((bytes.readUInt32LE(4) ^ 0xffff) >>> 0, 4);
      await writeFile(file, bytes);
    }
    await worksWith();
  });

  it('works with half a code cache', async () => {
    for (const file of caches()) await truncate(file, 100_000);
    await worksWith();
  });
});
