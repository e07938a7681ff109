import { expect, it } from 'vitest';
import { configurations } from '../../../src/steward/trust/configurations.js';
import type { PersistenceView } from '../../../src/tinyfs/persistence.js';
import { ok } from '../../tinyfs/expectations.js';
import { memoryHarness } from '../../tinyfs/memory-harness.js';
import { makeTestPond } from '../../tinyfs/test-pond.js';

/** A pond with an entry, of which a state was looked at; `of` tells the entries of another one, and how many directories that took. */
const looked = async () => {
  const pond = await makeTestPond(memoryHarness);
  const known = configurations();
  const of = async (at: number, change: (view: PersistenceView) => Partial<PersistenceView> = () => ({})) => {
    const view = await pond.view(at);
    let directories = 0;
    const { entries } = await ok(
      known.of({
        ...view,
        rowsOf: (partId) => {
          directories += 1;
          return view.rowsOf(partId);
        },
        ...change(view),
      }),
    );
    return { names: entries.map(({ path }) => path), directories };
  };
  const write = async (path: string, text: string) => {
    const { txnSeq } = await pond.write((fs) => ok(fs.write(path, Buffer.from(text))));
    return txnSeq;
  };
  await pond.write((fs) => ok(fs.mkdirAll('/etc/system.d')));
  const first = await write('/etc/system.d/one', 'factory: command\n');
  expect((await of(first)).names).toEqual(['/etc/system.d/one']);
  return { pond, of, write };
};

it('nothing is read of a state that differs from a known one by commits that leave it alone', async () => {
  const { of, write } = await looked();
  for (let turn = 0; turn < 5; turn += 1) await write('/data', `${turn}`);
  expect(await of(7)).toEqual({ names: ['/etc/system.d/one'], directories: 0 });
});

it('a state after which any of several commits has changed it is read', async () => {
  const { pond, of, write } = await looked();
  await write('/data', '1');
  await write('/etc/system.d/two', 'factory: command\n');
  const both = await write('/data', '2');
  expect((await of(both)).names).toEqual(['/etc/system.d/one', '/etc/system.d/two']);
  await pond.write((fs) => ok(fs.remove('/etc/system.d/one')));
  const two = await write('/data', '3');
  expect((await of(two)).names).toEqual(['/etc/system.d/two']);
});

it('where the rows of other files cannot be read, it is read itself', async () => {
  const { of, write } = await looked();
  const txnSeq = await write('/data', '1');
  const damaged = await of(txnSeq, () => ({
    rowsAfter: () => async () => ({
      _tag: 'Left',
      left: { _tag: 'CorruptData', path: 'part', problem: 'damaged' },
    }),
  }));
  expect(damaged.names).toEqual(['/etc/system.d/one']);
  expect(damaged.directories).toBeGreaterThan(0);
});
