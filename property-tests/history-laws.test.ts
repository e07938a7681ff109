import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Difference, pathsOfDifference } from '../src/domain/tree/difference.js';
import type { PondWriter } from '../src/tinyfs/tinyfs.js';
import { differencesOver } from '../src/tinyfs/tree/differences.js';
import { times } from '../test/support/times.js';
import { ok } from '../test/tinyfs/expectations.js';
import { memoryHarness } from '../test/tinyfs/memory-harness.js';
import type { TestPond } from '../test/tinyfs/test-pond.js';
import { tlogfsHarness } from '../test/tinyfs/tlogfs-harness.js';
import { transactions } from './tinyfs/commands.js';
import { play, type State, stateOf, stateOfModel, withPond } from './tinyfs/histories.js';

const persistences = [
  { name: 'memory', makePersistence: memoryHarness, often: times(500) },
  { name: 'TLogFS', makePersistence: tlogfsHarness, often: times(20) },
];

describe.each(persistences)('the history of TinyFS on $name', ({ makePersistence, often }) => {
  it('differs between two transactions exactly where their states differ', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, fc.nat(), fc.nat(), (history, a, b) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          const [since = 0, upTo = 0] = [a, b].map((at) => at % (states.length + 1)).sort((x, y) => x - y);
          if (since === upTo) return;
          const stateAt = (txnSeq: number): State => {
            const committed = states[txnSeq - 1];
            return committed === undefined ? [] : stateOfModel(committed.after);
          };
          const differences = await ok(differencesOver(await pond.view(), { since, upTo }));
          const differing = differingPaths(stateAt(since), stateAt(upTo));
          const named = new Set<string>(differences.flatMap(pathsOfDifference));
          expect([...differing].filter((path) => !named.has(path))).toEqual([]);
          // What a rename replaced is removed, and what has come to where it was from is added, also where the content is the same.
          const renames = differences.filter((difference) => difference.kind === 'renamed');
          const replaced = new Set(renames.map(({ path }) => path));
          const vacated = new Set(renames.map(({ from }) => from));
          const superfluous = differences.filter(
            (difference) =>
              isSuperfluous(difference, differing) &&
              !(difference.kind === 'removed' && replaced.has(difference.path)) &&
              !(difference.kind === 'added' && vacated.has(difference.path)),
          );
          expect(superfluous).toEqual([]);
        }),
      ),
      often,
    );
  });

  it('comes back as it was after any transaction, when the root is restored', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, fc.nat(), (history, chosen) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          if (states.length === 0) return;
          const at = (chosen % states.length) + 1;
          const state = await changedBy(pond, (fs) => ok(fs.restore('/', at)));
          expect(state).toEqual(stateOfModel(states[at - 1]?.after ?? expect.fail('no such state')));
        }),
      ),
      often,
    );
  });

  it('is as before its last transaction, when that is reverted, and once more after it, when the reversion is', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          const last = states.at(-1);
          if (last === undefined) return;
          const state = await changedBy(pond, (fs) => ok(fs.revert(states.length)));
          expect(state).toEqual(stateOfModel(last.before));
          if ((await pond.reader()).txnSeq === states.length) return;
          const again = await changedBy(pond, (fs) => ok(fs.revert(states.length + 1)));
          expect(again).toEqual(stateOfModel(last.after));
        }),
      ),
      often,
    );
  });

  it('is changed by a reversion once, and again when what that did has been undone', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          const last = states.at(-1);
          const txnSeq = states.length;
          if (last === undefined) return;
          const reverted = (which: number) => changedBy(pond, (fs) => ok(fs.revert(which)));
          await reverted(txnSeq);
          const first = (await pond.reader()).txnSeq;
          expect(await reverted(txnSeq)).toEqual(stateOfModel(last.before));
          expect((await pond.reader()).txnSeq).toBe(first);
          if (first === txnSeq) return;
          await reverted(first);
          expect(await reverted(txnSeq)).toEqual(stateOfModel(last.before));
        }),
      ),
      often,
    );
  });

  it('is changed by no reversion that is refused, whatever came later', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, fc.nat(), (history, chosen) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          const last = states.at(-1);
          if (last === undefined) return;
          const { fs, writer, abort } = await pond.begin();
          const reverted = await fs.revert((chosen % states.length) + 1)();
          if (isLeft(reverted)) {
            expect(reverted.left._tag).toBe('ChangedSince');
            expect(writer.written()).toEqual([]);
            expect(await stateOf(fs)).toEqual(stateOfModel(last.after));
          }
          await abort();
        }),
      ),
      often,
    );
  });
});

/** The state after one more transaction, which is committed where it changed anything. */
const changedBy = async (pond: TestPond, change: (fs: PondWriter) => Promise<unknown>): Promise<State> => {
  const { fs, writer, commit, abort } = await pond.begin();
  await change(fs);
  const seen = await stateOf(fs);
  if (writer.written().length === 0) await abort();
  else await commit();
  expect(await stateOf(await pond.reader())).toEqual(seen);
  return seen;
};

const differingPaths = (a: State, b: State): ReadonlySet<string> => {
  const before = new Map(a.map(([path, ...state]) => [path, state.join('\n')]));
  const after = new Map(b.map(([path, ...state]) => [path, state.join('\n')]));
  return new Set([...before.keys(), ...after.keys()].filter((path) => before.get(path) !== after.get(path)));
};

/** A rename is a difference, whatever is under the two names; so is another version of a series. */
const isSuperfluous = (difference: Difference, differing: ReadonlySet<string>): boolean =>
  difference.kind !== 'renamed' &&
  difference.after?.entryType !== 'series' &&
  !differing.has(difference.path);
