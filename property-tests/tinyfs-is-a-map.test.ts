import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../src/domain/change.js';
import { compareUtf8 } from '../src/domain/documents/bytes-order.js';
import type { PondReader } from '../src/tinyfs/tinyfs.js';
import { changesOf } from '../src/tinyfs/tree/changes.js';
import { times } from '../test/support/times.js';
import { ok, textIn } from '../test/tinyfs/expectations.js';
import { memoryHarness } from '../test/tinyfs/memory-harness.js';
import type { MakePersistence } from '../test/tinyfs/persistence-harness.js';
import { makeTestPond, type TestPond } from '../test/tinyfs/test-pond.js';
import { tlogfsHarness } from '../test/tinyfs/tlogfs-harness.js';
import { located, runOnModel, runOnTinyFs, type Transaction, transactions } from './tinyfs/commands.js';
import { PlainMap } from './tinyfs/plain-map.js';

const persistences = [
  { name: 'memory', makePersistence: memoryHarness, often: times(1000) },
  { name: 'TLogFS', makePersistence: tlogfsHarness, often: times(25) },
];

describe.each(persistences)('TinyFS on $name', ({ makePersistence, often }) => {
  it('behaves as a plain map of paths, now and at every earlier transaction', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          for (const [index, { after }] of states.entries())
            expect(await stateOf(await pond.reader(index + 1))).toEqual(stateOfModel(after));
        }),
      ),
      often,
    );
  });

  it('names as changes exactly the difference of the two states, before the commit and ever after', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          if (states.length === 0) return;
          const newest = await pond.view();
          for (const [index, { before, after, changes }] of states.entries()) {
            expect(sortedForComparison(changes)).toEqual(
              sortedForComparison(PlainMap.difference(before, after)),
            );
            const paths = changes.map(({ path }) => path);
            expect(paths).toEqual(paths.toSorted(compareUtf8));
            expect(await ok(changesOf(newest, index + 1))).toEqual(changes);
            expect(await ok(changesOf(await pond.view(index + 1), index + 1))).toEqual(changes);
          }
        }),
      ),
      often,
    );
  });
});

const withPond = async (
  makePersistence: MakePersistence,
  body: (pond: TestPond) => Promise<void>,
): Promise<void> => {
  const pond = await makeTestPond(makePersistence);
  try {
    await body(pond);
  } finally {
    await pond.harness.dispose();
  }
};

interface Committed {
  readonly before: PlainMap;
  readonly after: PlainMap;
  /** Changes as the transaction itself saw them. */
  readonly changes: readonly Change[];
}

/** Plays a history on TinyFS and on the model, which must agree on every call and on what it leaves. */
const play = async (pond: TestPond, history: readonly Transaction[]): Promise<readonly Committed[]> => {
  const committed: Committed[] = [];
  let model = PlainMap.empty();
  for (const { commands, end } of history) {
    const { fs, writer, txn, commit, abort } = await pond.begin();
    const draft = model.copy();
    for (const placed of commands) {
      const command = located(placed, draft);
      const done = await runOnTinyFs(fs, command);
      expect({ ...command, done }).toEqual({ ...command, done: runOnModel(draft, command) });
    }
    expect(await stateOf(fs)).toEqual(stateOfModel(draft));
    if (end === 'abort') {
      await abort();
      continue;
    }
    const changes = await ok(changesOf(writer, txn.txnSeq));
    await commit();
    committed.push({ before: model, after: draft, changes });
    model = draft;
  }
  return committed;
};

type State = readonly (readonly [path: string, entryType: string, text: string])[];

const stateOfModel = (model: PlainMap): State =>
  model.entries().map(([path, { entryType, text }]) => [path, entryType, text]);

type Readable = Pick<PondReader, 'list' | 'read' | 'readLink'>;

const stateOf = async (fs: Readable): Promise<State> => {
  const state: [string, string, string][] = [];
  const open = ['/'];
  for (const directory of open)
    for (const { path, entryType } of await ok(fs.list(directory))) {
      if (entryType === 'directory') open.push(path);
      state.push([path, entryType, await textAt(fs, path, entryType)]);
    }
  return state.sort(([a], [b]) => compareUtf8(a, b));
};

const textAt = async (fs: Readable, path: string, entryType: string): Promise<string> => {
  switch (entryType) {
    case 'directory':
      return '';
    case 'symlink':
      return ok(fs.readLink(path));
    default:
      return textIn(await ok(fs.read(path)));
  }
};

/** Compares by all that they say: the model knows no order of two changes of one path. */
const sortedForComparison = (changes: readonly Change[]): readonly string[] =>
  changes.map((change) => JSON.stringify(Object.entries(change).sort())).sort();
