import { isLeft } from 'fp-ts/lib/Either.js';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { loseNothing } from '../../../src/adapters/memory/file-system/power-loss.js';
import {
  type HostPlanPorts,
  type HostPlansOnFiles,
  hostPlansIn,
} from '../../../src/host-plans/host-plans.js';
import type { HostOperation } from '../../../src/host-plans/operations/host-operation.js';
import type { HostPlan } from '../../../src/host-plans/plan/host-plan.js';
import { planHostOperations } from '../../../src/host-plans/plan/plan-host-operations.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { authorPorts } from './author-ports.js';
import { type Fate, type FatefulPorts, fatefulPorts } from './dying-ports.js';
import { treeOf } from './tree.js';

export const ROOT = '/tree';
export const STATE = '/state';
export const NEVER = new AbortController().signal;

let seconds = 1_700_000_000;
const now = () => {
  seconds += 1;
  return seconds * 1_000_000;
};

const clock: Clock = {
  nowMicros: now,
  monotonicMs: () => 0,
  sleep: async () => undefined,
  giveWay: async () => undefined,
};

let ids = 0;

type Author = Omit<HostPlanPorts, 'files' | 'logs' | 'locks'>;

export interface World {
  readonly memory: MemoryFileSystem;
  readonly tree: () => readonly string[];
  /** A process that works in it; each has its own fate. */
  readonly process: (
    fate?: Fate | null,
    user?: string,
  ) => { readonly plans: HostPlansOnFiles; readonly ports: FatefulPorts; readonly author: Author };
}

/** A filesystem in memory with a tree to work on and a place for checkpoints. */
export const memoryWorld = (
  build: (files: HostFileSystem, root: string) => void,
  mounts: readonly string[] = [],
): World => {
  const memory = createMemoryFileSystem({ now, mounts: [ROOT, ...mounts] });
  memory.onlooker.makeDirectories(STATE)();
  build(memory.onlooker, ROOT);
  return worldOn(memory.crash(loseNothing));
};

export const worldOn = (memory: MemoryFileSystem): World => ({
  memory,
  tree: () => treeOf(memory.onlooker, ROOT),
  process: (fate = null, user = 'ann') => {
    const ports = fatefulPorts(memory.files, memory.logs, new Set(), fate);
    const { logger } = memoryLogger();
    const uuidV7 = () => {
      ids += 1;
      return `0190-${String(ids).padStart(12, '0')}`;
    };
    const author = { ...authorPorts(user), ids: { uuidV7 }, clock, logger, pid: 1 };
    return { plans: hostPlansIn({ ...ports, ...author }, STATE), ports, author };
  },
});

export const planOf = (operations: readonly HostOperation[]): HostPlan => {
  const plan = planHostOperations(operations);
  if (isLeft(plan)) throw new Error(JSON.stringify(plan.left));
  return plan.right;
};

/** A tree without the times of its files: those that a plan makes differ from run to run. */
export const withoutTimes = (tree: readonly string[]): readonly string[] =>
  tree.map((line) => line.replace(/ \d{16} /, ' '));
