// What is said when the store of a pond and its control table do not belong together.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/composition-root.js';
import { livePorts } from '../../src/live-ports.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SAID = ['older_data', 'older_control', 'data_and_control_apart'];

const pondIn = async (name: string) => {
  const folder = temporaryFolder(name);
  const control = `file://${folder}/control`;
  const at = (store: string) => {
    const { logger, lines } = memoryLogger();
    const program = assemble(livePorts(logger));
    const address = `file://${folder}/${store}`;
    // Copies of one store are told apart by their addresses; no machine has seen any of them yet.
    const options = { control, cache: join(folder, `cache-${Math.random()}`), trust: 'all' as const };
    const opened = async (use: (pond: Awaited<ReturnType<typeof open>>) => Promise<void>) => {
      const pond = await open();
      await use(pond);
      ok(await pond.close()());
      return lines
        .filter(({ event }) => SAID.includes(event))
        .map(({ event, fields }) => ({ event, ...fields }));
    };
    const open = async () => ok(await program.open(address, options)());
    return {
      init: async () => ok(await program.init(address, options)()),
      read: () => opened(async (pond) => void ok(await pond.status()())),
      write: (path: string) =>
        opened(async (pond) => void ok(await pond.write(({ fs }) => fs.mkdirAll(path))())),
    };
  };
  await at('store').init();
  await at('store').write('/first');
  const copy = (from: string, to: string) => {
    rmSync(join(folder, to), { recursive: true, force: true });
    cpSync(join(folder, from), join(folder, to), { recursive: true });
  };
  return { at, copy };
};

describe('a pond in a store, whenever it is opened,', () => {
  test('says nothing where all is in order', async () => {
    const { at } = await pondIn('in-order');
    expect(await at('store').write('/second')).toEqual([]);
    expect(await at('store').read()).toEqual([]);
  });

  test('says that an older copy of the store was put back', async () => {
    const { at, copy } = await pondIn('older-store');
    copy('store', 'kept');
    for (const path of ['/second', '/third']) await at('store').write(path);
    copy('kept', 'store');
    expect(await at('store').read()).toMatchObject([
      { event: 'older_data', first_txn_seq: 3, last_txn_seq: 4, problem: expect.stringContaining('store') },
    ]);
    expect(await at('store').write('/fourth')).toMatchObject([{ event: 'older_data' }]);
    expect(await at('store').read()).toEqual([]);
  });

  test('says that an older copy of the control table was put back', async () => {
    const { at, copy } = await pondIn('older-control');
    copy('control', 'kept');
    await at('store').write('/second');
    copy('kept', 'control');
    expect(await at('store').read()).toMatchObject([
      { event: 'older_control', first_txn_seq: 3, last_txn_seq: 3 },
    ]);
  });

  test('says that it is a copy which writes into the records of the original, before it does', async () => {
    const { at, copy } = await pondIn('copied-store');
    copy('store', 'copy');
    await at('store').write('/original');
    expect(await at('copy').write('/copy')).toMatchObject([
      {
        event: 'older_data',
        remedy: expect.stringContaining('a copy of a store wants a control table of its own'),
      },
    ]);
    expect(await at('store').read()).toHaveLength(1);
  });
});
