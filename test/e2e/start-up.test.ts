import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../crash/machinery/built-ponds.js';

const root = resolve(import.meta.dirname, '../..');
const executable = join(root, 'dist/pond.cjs');

/** Modules of Node's that take long to load, and that a command which reads or writes one file has no use for. */
const UNUSED =
  /^NativeModule (?:child_process|cluster|dgram|dns|http|https|inspector|net|perf_hooks|readline|repl|tls|v8|worker_threads|zlib|stream\/web)$/;

/** What a command does between its start and its end, by counts that are the same on every machine. */
describe('the start of a command', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-start-up-'));
    await writeFile(join(folder, 'hello.txt'), 'hello\n');
    // More than the commits after which there is a checkpoint, and less than those after which files are merged.
    await pond('init');
    for (let commit = 0; commit < 12; commit += 1) await copies(`/hello-${commit}.txt`);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const pond = async (...args: readonly string[]) => {
    const { code, stderr } = await run(executable, join(folder, 'pond'), args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };
  const copies = (path: string) => pond('copy', `host://${join(folder, 'hello.txt')}`, path);

  /** Runs a command after `before`, and returns what `atEnd` prints. */
  const told = async (before: string, atEnd: string, args: readonly string[]): Promise<unknown> => {
    const program = join(folder, 'telling.cjs');
    await writeFile(
      program,
      `${before}
       process.on('exit', () => { ${atEnd} });
       require(${JSON.stringify(executable)});`,
    );
    // To a socket, such as Node gives its children, a command writes by a stream of Node's.
    const output = openSync(join(folder, 'output'), 'w');
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, '--pond', join(folder, 'pond'), ...args],
      {
        stdio: ['ignore', output, 'pipe'],
        encoding: 'utf8',
      },
    );
    closeSync(output);
    expect(status).toBe(0);
    return JSON.parse(stderr);
  };

  const modulesLoadedBy = async (...args: readonly string[]) => {
    const loaded = await told('', 'console.error(JSON.stringify(process.moduleLoadList));', args);
    if (!Array.isArray(loaded)) throw new Error('Node says no modules');
    return loaded.filter((name) => UNUSED.test(String(name)));
  };

  /** Calls of functions of the executable, as V8 counts them. */
  const callsOf = (...args: readonly string[]) =>
    told(
      `const session = new (require('node:inspector').Session)();
       session.connect();
       session.post('Profiler.enable');
       session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });`,
      `session.post('Profiler.takePreciseCoverage', (error, { result }) => {
         if (error) throw error;
         let calls = 0;
         for (const { url, functions } of result)
           if (url.startsWith('pond-')) for (const { ranges } of functions) calls += ranges[0].count;
         console.error(calls);
       });`,
      args,
    );

  it('walks over the checkpoint, the log and the rows in few calls', async () => {
    const calls = await callsOf('cat', '/hello-3.txt');
    expect(calls).toBeGreaterThan(5_000);
    expect(calls).toBeLessThan(33_000);
  });

  it('reads a layer that has only what is started and what other layers take', async () => {
    const { size } = await stat(join(root, 'dist/layers/reads.js'));
    expect(size).toBeLessThan(800_000);
  });

  it('loads nothing of Node that it has no use for', async () => {
    expect(await modulesLoadedBy('cat', '/hello-3.txt')).toEqual([]);
    expect(await modulesLoadedBy('copy', `host://${join(folder, 'hello.txt')}`, '/more.txt')).toEqual([]);
  });
});
