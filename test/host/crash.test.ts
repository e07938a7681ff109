import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { nodeAppendLogs } from '../../src/adapters/node/node-append-logs.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { hostPlansIn } from '../../src/host-plans/host-plans.js';
import { planHostOperations } from '../../src/host-plans/plan/plan-host-operations.js';
import { memoryLogger } from '../support/memory-logger.js';
import { authorPorts } from './machinery/author-ports.js';
import { type Fate, fatefulPorts } from './machinery/dying-ports.js';
import { buildTree, everyOperation } from './machinery/scenario.js';
import { treeOf } from './machinery/tree.js';

let folder = '';
let round = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-host-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const STRIDE = 7;
const NEVER = new AbortController().signal;

/** A tree, and processes that work on it one after another. */
const world = () => {
  round += 1;
  const root = join(folder, `tree-${round}`);
  const state = join(folder, `state-${round}`);
  mkdirSync(root);
  buildTree(nodeFileSystem, root);
  const planned = planHostOperations(everyOperation(root));
  if (isLeft(planned)) throw new Error(JSON.stringify(planned.left));
  return {
    plan: planned.right,
    tree: () => treeOf(nodeFileSystem, root),
    left: () => {
      const names = readdirSync(root, { recursive: true }).map(String);
      return names.filter((name) => name.includes('.pond-host-plan'));
    },
    checkpoints: () => readdirSync(state, { withFileTypes: true }).map(({ name }) => name),
    process: (fate: Fate | null) => {
      const ports = fatefulPorts(nodeFileSystem, nodeAppendLogs, new Set(), fate);
      const { logger } = memoryLogger();
      const plans = hostPlansIn(
        { ...ports, ids: uuidIds, clock: nodeClock, logger, pid: 1, ...authorPorts('ann') },
        state,
      );
      return { plans, ports };
    },
  };
};

const times = (tree: readonly string[]) => tree.map((line) => line.replace(/ \d{16} /, ' '));

const reference = async () => {
  const given = world();
  const before = given.tree();
  const { plans, ports } = given.process(null);
  const done = await plans.execute(given.plan, { concurrency: 1, signal: NEVER })();
  if (isLeft(done)) throw new Error(JSON.stringify(done.left));
  return { before, after: given.tree(), calls: ports.calls() };
};

/** Paths and times of new files differ from one run to the next. */
const comparable = (tree: readonly string[]) =>
  times(tree).map((line) => line.replaceAll(/(tree|state)-\d+/g, 'tree'));

test('every operation of a plan is executed, and nothing is left beside the tree', async () => {
  const given = world();
  const { plans } = given.process(null);
  const done = await plans.execute(given.plan, { concurrency: 3, signal: NEVER })();
  expect(done).toMatchObject({ _tag: 'Right', right: { failed: [], skipped: [] } });
  expect(given.left()).toEqual([]);
  expect(given.checkpoints()).toEqual([]);
});

describe.each(['die-before', 'die-after', 'die-within'] as const)('a process that is killed (%s)', (what) => {
  test('leaves a tree that recovery makes exactly the old one or exactly the new one', async () => {
    const { after, calls } = await reference();
    let rolledBack = 0;
    // `faults.test.ts` tries every call, in memory.
    for (let at = 1 + (what.length % STRIDE); at <= calls; at += STRIDE) {
      const given = world();
      const before = given.tree();
      const { plans, ports } = given.process({ at, what });
      await plans
        .execute(given.plan, { concurrency: 1, signal: NEVER })()
        .catch(() => undefined);
      expect(ports.isDead()).toBe(true);
      for (const _ of ['once', 'twice']) {
        const recovered = await given.process(null).plans.recover({ again: true })();
        expect(recovered, `call ${at}`).toMatchObject({ _tag: 'Right' });
        const now = given.tree();
        if (JSON.stringify(now) === JSON.stringify(before)) rolledBack += 1;
        else expect(comparable(now), `call ${at}`).toEqual(comparable(after));
        expect(given.left(), `call ${at}`).toEqual([]);
      }
    }
    expect(rolledBack).toBeGreaterThan(calls / STRIDE);
  });
});
