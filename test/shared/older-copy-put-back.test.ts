// A process that goes on while an older copy of the pond's store is put back.

import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from '../../src/composition-root.js';
import { livePorts } from '../../src/live-ports.js';
import type { Steward } from '../../src/steward/steward.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('what a commit that has gone had configured follows no commit any more', async () => {
  const folder = temporaryFolder('put-back');
  const [store, kept, control] = ['store', 'kept', 'control'].map((name) => join(folder, name));
  for (const directory of [store, control]) mkdirSync(String(directory));
  const address = `file://${store}`;
  const product = (cache: string) => {
    const options = { control: `file://${control}`, cache: join(folder, cache) };
    const program = assemble(livePorts(memoryLogger().logger));
    return {
      init: async () => ok(await program.init(address, options)()),
      open: async () => ok(await program.open(address, { trust: 'all', ...options })()),
    };
  };
  await product('one').init();
  const one = await product('one').open();
  ok(await one.write(({ fs }) => fs.mkdirAll('/etc/system.d'))());
  cpSync(String(store), String(kept), { recursive: true });
  const entry = Buffer.from('message: hello');
  ok(
    await one.write(({ fs }) =>
      fs.createDynamicPath('/etc/system.d/10-gone', 'file:dynamic', 'test-executor', entry, {
        overwrite: false,
      }),
    )(),
  );
  expect(await tasksOf(one, '/a')).toEqual(['test-executor']);
  rmSync(String(store), { recursive: true });
  cpSync(String(kept), String(store), { recursive: true });
  const two = await product('two').open();
  expect(await tasksOf(two, '/b')).toEqual([]);
  for (const path of ['/c', '/d']) expect(await tasksOf(one, path)).toEqual([]);
  for (const pond of [one, two]) ok(await pond.close()());
});

/** Factories of the tasks that follow a commit. */
const tasksOf = async (pond: Steward, path: string): Promise<readonly (string | null)[]> => {
  const written = ok(await pond.write(({ fs }) => fs.write(path, Buffer.from(path)))());
  return written._tag === 'Committed' ? written.tasks.map(({ factoryName }) => factoryName) : [written._tag];
};
