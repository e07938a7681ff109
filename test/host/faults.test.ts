import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { cutPowerAt } from '../../src/adapters/memory/file-system/faults.js';
import { loseEverything, loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import { sampleOf } from '../support/sample-of.js';
import { memoryWorld, NEVER, planOf, ROOT, withoutTimes, worldOn } from './machinery/memory-world.js';
import { buildTree, everyOperation } from './machinery/scenario.js';

/** Milliseconds that a test which tries every call may take, on a machine that has other things to do. */
const LONG = 600_000;

const plan = planOf(everyOperation(ROOT));

const reference = async () => {
  const world = memoryWorld(buildTree);
  const before = world.tree();
  const { plans, ports } = world.process();
  const done = await plans.execute(plan, { concurrency: 1, signal: NEVER })();
  if (isLeft(done)) throw new Error(JSON.stringify(done.left));
  return {
    before,
    after: withoutTimes(world.tree()),
    calls: ports.calls(),
    systemCalls: world.memory.calls(),
  };
};

const leftovers = (tree: readonly string[]) => tree.filter((line) => line.includes('.pond-host-plan'));

test('a call that fails, whichever it is, leaves the old tree exactly, or the new one when everything had been done', {
  timeout: LONG,
}, async () => {
  const { before, after, calls } = await reference();
  let failures = 0;
  const tried = sampleOf(calls);
  for (const at of tried) {
    const world = memoryWorld(buildTree);
    const start = world.tree();
    const { plans } = world.process({ at, what: 'fail' });
    const done = await plans.execute(plan, { concurrency: 1, signal: NEVER })();
    // A checkpoint whose end could not be tidied up waits for recovery.
    const recovered = await world.process().plans.recover({ again: false })();
    expect(isRight(recovered)).toBe(true);
    const tree = world.tree();
    expect(leftovers(tree), `call ${at}`).toEqual([]);
    if (isLeft(done)) {
      failures += 1;
      expect(done.left, `call ${at}`).toMatchObject({ report: { rollbackFailures: [] } });
      expect(tree, `call ${at}`).toEqual(start);
    } else expect(withoutTimes(tree), `call ${at}`).toEqual(after);
  }
  expect(failures).toBeGreaterThan(tried.length / 2);
  expect(before.length).toBeGreaterThan(10);
});

describe.each([
  ['everything unsynced is lost', loseEverything],
  ['everything unsynced survives', loseNothing],
])('a power loss at any system call, where %s', (_, loss) => {
  test('leaves a tree that recovery makes the old one or the new one', { timeout: LONG }, async () => {
    const { after, systemCalls } = await reference();
    let news = 0;
    for (const at of sampleOf(systemCalls)) {
      const built = memoryWorld(buildTree);
      const start = built.tree();
      const cut = worldOn(built.memory.crash(loseNothing, cutPowerAt(at)));
      await cut
        .process()
        .plans.execute(plan, { concurrency: 1, signal: NEVER })()
        .catch(() => undefined);
      const found = worldOn(cut.memory.crash(loss));
      const recovered = await found.process().plans.recover({ again: true })();
      expect(recovered, `call ${at}`).toMatchObject({ _tag: 'Right' });
      const tree = found.tree();
      expect(leftovers(tree), `call ${at}`).toEqual([]);
      if (JSON.stringify(tree) !== JSON.stringify(start)) {
        news += 1;
        expect(withoutTimes(tree), `call ${at}`).toEqual(after);
      }
    }
    expect(news).toBeGreaterThan(0);
  });
});

test('recovery that is itself killed, at any call, can be repeated', { timeout: LONG }, async () => {
  const { calls } = await reference();
  for (let at = 5; at <= calls; at += 7) {
    const crashed = async () => {
      const world = memoryWorld(buildTree);
      const start = world.tree();
      await world
        .process({ at, what: 'die-after' })
        .plans.execute(plan, { concurrency: 1, signal: NEVER })()
        .catch(() => undefined);
      return { world, start };
    };
    const counted = (await crashed()).world.process();
    await counted.plans.recover({ again: true })();
    for (const again of sampleOf(counted.ports.calls())) {
      const { world, start } = await crashed();
      await world
        .process({ at: again, what: 'die-after' })
        .plans.recover({ again: true })()
        .catch(() => undefined);
      const last = await world.process().plans.recover({ again: true })();
      expect(last).toMatchObject({ _tag: 'Right' });
      const tree = world.tree();
      expect(leftovers(tree), `${at}, ${again}`).toEqual([]);
      if (tree.length === start.length) expect(tree, `${at}, ${again}`).toEqual(start);
    }
  }
});
