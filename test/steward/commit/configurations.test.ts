import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { configurations } from '../../../src/steward/trust/configurations.js';
import type { PersistenceView } from '../../../src/tinyfs/persistence.js';
import type { LoggedCommit, TLog } from '../../../src/tlogfs/tlog.js';
import { ok } from '../../tinyfs/expectations.js';
import { memoryHarness } from '../../tinyfs/memory-harness.js';
import { makeTestPond } from '../../tinyfs/test-pond.js';

/** The log of a pond, as far as it is asked for: each commit is based on the one before, except for some. */
const logWith = (basedOn: ReadonlyMap<number, number>): TLog['commitOf'] => {
  const asked = (txnSeq: number) => ({ version: txnSeq - 1, basedOnSeq: basedOn.get(txnSeq) ?? txnSeq - 1 });
  return (txnSeq) => TE.right(asked(txnSeq) as LoggedCommit);
};

/** A pond with an entry, of which a state was looked at; `of` tells the entries of another one, and how many directories that took. */
const looked = async () => {
  const pond = await makeTestPond(memoryHarness);
  const basedOn = new Map<number, number>();
  const known = configurations(logWith(basedOn));
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
  return { pond, of, write, basedOn };
};

it('nothing is read of a state that differs from a known one by commits that leave it alone', async () => {
  const { of, write } = await looked();
  for (let turn = 0; turn < 4; turn += 1) await write('/data', `${turn}`);
  expect(await of(6)).toEqual({ names: ['/etc/system.d/one'], directories: 0 });
  // Of more commits, the rows would be too many to look through.
  for (let turn = 0; turn < 5; turn += 1) await write('/data', `${turn}`);
  const far = await of(11);
  expect(far.names).toEqual(['/etc/system.d/one']);
  expect(far.directories).toBeGreaterThan(0);
});

it('a known state whose commit has gone, because an older copy was put back, says nothing about what came after it', async () => {
  const { of, write, basedOn } = await looked();
  const gone = await write('/etc/system.d/gone', 'factory: command\n');
  expect((await of(gone)).names).toEqual(['/etc/system.d/gone', '/etc/system.d/one']);
  // The states of the pond in which that commit has never been.
  const put = await looked();
  await put.write('/data', '1');
  const next = await put.write('/data', '2');
  basedOn.set(next, gone - 1);
  const view = await put.pond.view(next);
  const found = await of(next, () => view);
  expect(found.names).toEqual(['/etc/system.d/one']);
  await put.write('/data', '3');
  const after = await put.pond.view(next + 1);
  expect((await of(next + 1, () => after)).names).toEqual(['/etc/system.d/one']);
});

it('a commit that says to be based on itself, or on one after it, has no state before it', async () => {
  const { of, write, basedOn } = await looked();
  const first = await write('/data', '1');
  basedOn.set(first, first);
  expect((await of(first)).directories).toBeGreaterThan(0);
  const second = await write('/etc/system.d/two', 'factory: command\n');
  basedOn.set(second, second + 7);
  expect((await of(second)).names).toEqual(['/etc/system.d/one', '/etc/system.d/two']);
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
