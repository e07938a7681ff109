import { cp, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../crash/built-ponds.js';

const root = resolve(import.meta.dirname, '../..');
const CACHE = 'pond-bundle.js.cache';

describe('the executable', () => {
  let folder = '';
  const cache = () => join(folder, CACHE);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-code-cache-'));
    for (const file of ['pond.cjs', 'pond-bundle.js', CACHE]) {
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

  it('comes with a code cache that this Node accepts', async () => {
    const isRejected = `
      const { cachedDataRejected } = require(${JSON.stringify(join(folder, 'pond.cjs'))});
      process.on('exit', () => console.error('rejected:', cachedDataRejected));
    `;
    const program = join(folder, 'asking.cjs');
    await writeFile(program, isRejected);
    expect((await run(program, folder, ['--version'])).stderr).toBe('rejected: false\n');
  });

  it('works without its code cache', async () => {
    await rm(cache());
    await worksWith();
  });

  it('works with the code cache of another Node', async () => {
    const bytes = await readFile(cache());
    // V8's version, or rather its hash.
    bytes.writeUInt32LE((bytes.readUInt32LE(4) ^ 0xffff) >>> 0, 4);
    await writeFile(cache(), bytes);
    await worksWith();
  });

  it('works with half a code cache', async () => {
    await truncate(cache(), 100_000);
    await worksWith();
  });
});
