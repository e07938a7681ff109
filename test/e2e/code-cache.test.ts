import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../crash/machinery/built-ponds.js';

const root = resolve(import.meta.dirname, '../..');
const CACHE = 'pond-bundle.js.cache';
/** Smaller ones, for commands that only read and for those that write. */
const PARTS = ['pond-bundle.js.reads.cache', 'pond-bundle.js.writes.cache'];

describe('the executable', () => {
  let folder = '';
  const cache = () => join(folder, CACHE);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-code-cache-'));
    for (const file of ['pond.cjs', 'pond-bundle.js', CACHE, ...PARTS]) {
      await cp(join(root, 'dist', file), join(folder, file));
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

  it('comes with code caches that this Node accepts', async () => {
    const isRejected = `
      const { cachedDataRejected } = require(${JSON.stringify(join(folder, 'pond.cjs'))});
      process.on('exit', () => console.error('rejected:', cachedDataRejected));
    `;
    const program = join(folder, 'asking.cjs');
    await writeFile(program, isRejected);
    for (const args of [['--version'], ['list', '--help'], ['copy', '--help']]) {
      expect((await run(program, folder, args)).stderr).toBe('rejected: false\n');
    }
  });

  it('works without its code caches', async () => {
    for (const file of PARTS) await rm(join(folder, file));
    await worksWith();
    await rm(join(folder, 'pond'), { recursive: true });
    await rm(cache());
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
    for (const file of [CACHE, ...PARTS]) {
      const bytes = await readFile(join(folder, file));
      // V8's version, or rather its hash.
      bytes.writeUInt32LE((bytes.readUInt32LE(4) ^ 0xffff) >>> 0, 4);
      await writeFile(join(folder, file), bytes);
    }
    await worksWith();
  });

  it('works with half a code cache', async () => {
    for (const file of [CACHE, ...PARTS]) await truncate(join(folder, file), 100_000);
    await worksWith();
  });
});
