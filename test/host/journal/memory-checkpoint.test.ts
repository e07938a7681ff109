import { isRight, left } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { executeHostPlan } from '../../../src/host-plans/execute-host-plan.js';
import { createMemoryCheckpoint } from '../../../src/host-plans/journal/memory-checkpoint.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import { memoryWorld, NEVER, planOf, ROOT } from '../machinery/memory-world.js';
import { buildTree, everyOperation } from '../machinery/scenario.js';

const executeWith = async (
  operations: Parameters<typeof planOf>[0],
  change: (files: HostFileSystem) => Partial<HostFileSystem> = () => ({}),
) => {
  const world = memoryWorld(buildTree);
  const start = world.tree();
  const files = { ...world.memory.files, ...change(world.memory.files) };
  const checkpoint = createMemoryCheckpoint(files, 'test');
  const execution = {
    files,
    clock: nodeClock,
    logger: silentLogger,
    telemetry: NO_TELEMETRY,
    trace: null,
    checkpoint,
    neighbours: { user: null, allowShared: true },
  };
  const done = await executeHostPlan(execution, planOf(operations), { concurrency: 2, signal: NEVER })();
  return { world, start, checkpoint, done };
};

test('a checkpoint names every executed operation', async () => {
  const { checkpoint, done } = await executeWith(everyOperation(ROOT));
  const all = everyOperation(ROOT).map(({ id }) => id);
  expect(isRight(done) && done.right.executed.toSorted()).toEqual(all.toSorted());
  expect(checkpoint.intended.toSorted()).toEqual(all.toSorted());
  expect(checkpoint.end()).toBe('executed');
});

test('an operation that had no effect is not counted as rolled back', async () => {
  const { world, start, checkpoint, done } = await executeWith(
    [
      { id: 'exists', kind: 'DirCreate', path: `${ROOT}/source` },
      { id: 'made', kind: 'DirCreate', path: `${ROOT}/made` },
      { id: 'link', kind: 'LinkCreate', source: `${ROOT}/conf`, target: `${ROOT}/made/l` },
    ],
    () => ({
      symlink: (_text, path) => () =>
        left({ _tag: 'FileSystemError', call: 'symlink', path, code: 'ENOSPC' }),
    }),
  );
  expect(done).toMatchObject({
    left: {
      _tag: 'ExecutionFailed',
      report: { executed: ['exists'], failed: ['link'], rolledBack: ['made'], rollbackFailures: [] },
    },
  });
  expect(checkpoint.end()).toBe('rolled_back');
  expect(world.tree()).toEqual(start);
});
