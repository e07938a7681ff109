// The phases of a host plan, called one by one.

import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { recordingLogger } from '../../src/adapters/memory/recording-logger.js';
import { recordingTelemetry } from '../../src/adapters/memory/recording-telemetry.js';
import { fileCheckpointStore, memoryCheckpointStore } from '../../src/host-plans/checkpoint-store.js';
import { describeHostFailure } from '../../src/host-plans/steps/host-error.js';
import { createHostExecutor } from '../../src/standalone-executor.js';
import { planOf } from './machinery/memory-world.js';
import { treeOf } from './machinery/tree.js';

const LINKS = ['a', 'b', 'c'].map((id) => ({
  ...({ id, kind: 'LinkCreate' } as const),
  source: `/data/${id}`,
  target: `/site/${id}`,
}));

const links = (...ids: readonly string[]) =>
  ids.map((id) => expect.stringMatching(new RegExp(`/site/${id} symlink .*/data/${id}`)));

/** A disk with what the links lead to; the last of the links cannot be made while it is full. */
const world = ({ isFull = false, code = 'ENOSPC' } = {}) => {
  let refused = '';
  const memory = createMemoryFileSystem({
    fault: ({ call, paths }) =>
      isFull && call === 'symlink' && paths[0] === '/site/c'
        ? code
        : `${call} ${paths[0]}` === refused
          ? 'EACCES'
          : null,
  });
  for (const path of ['/site', '/data/a', '/data/b', '/data/c']) memory.onlooker.makeDirectories(path)();
  const { logger, lines } = recordingLogger();
  const { telemetry, spans } = recordingTelemetry();
  const checkpoints = memoryCheckpointStore();
  const executor = createHostExecutor({ files: memory.files, checkpoints, logger, telemetry });
  return {
    memory,
    checkpoints,
    executor,
    refuse: (call: string, path: string) => {
      refused = `${call} ${path}`;
    },
    tree: () => treeOf(memory.onlooker, '/site').map((line) => line.replace(/ \d+ /, ' ')),
    events: () => lines.filter(({ level }) => level !== 'debug').map(({ event }) => event),
    names: () => spans().map(({ name }) => name),
  };
};

const right = <A>(
  answer: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (answer._tag === 'Left') throw new Error(JSON.stringify(answer.left));
  return answer.right;
};

describe('prepare', () => {
  test('touches nothing, and names the checkpoint that the plan will have', async () => {
    const { executor, tree, checkpoints, names } = world();
    const before = tree();
    const prepared = right(await executor.prepare(planOf(LINKS))());
    expect(tree()).toEqual(before);
    expect(names()).toEqual(['executor.Prepare']);
    expect(await checkpoints.restore(prepared.checkpoint)()).toMatchObject({
      left: { _tag: 'CheckpointNotFound', id: prepared.checkpoint },
    });
  });

  test('says everything that is wrong, not only what it found first', async () => {
    const { executor, memory } = world();
    for (const path of ['/data/a', '/data/c']) memory.onlooker.removeDirectory(path)();
    expect(await executor.prepare(planOf(LINKS))()).toMatchObject({
      left: {
        _tag: 'PrepareFailed',
        cause: { operation: 'a', error: { _tag: 'SourceNotFound', path: '/data/a' } },
        report: { failed: ['a', 'c'], skipped: ['b'] },
      },
    });
  });
});

describe('execute', () => {
  test('does all of a plan that was prepared, says so, and leaves no checkpoint', async () => {
    const { executor, events, names, checkpoints, tree } = world();
    const prepared = right(await executor.prepare(planOf(LINKS))());
    const report = right(await executor.execute(prepared)());
    expect(report).toMatchObject({ executed: ['a', 'b', 'c'], failed: [], rolledBack: [] });
    expect(tree()).toEqual([expect.stringContaining('/site '), ...links('a', 'b', 'c')]);
    expect(events()).toEqual(['executing_plan', 'execution_complete']);
    expect(names().toSorted()).toEqual([
      ...['executor.Execute', 'executor.Prepare'],
      ...['operation.Execute', 'operation.Execute', 'operation.Execute'],
    ]);
    expect(await checkpoints.restore(prepared.checkpoint)()).toMatchObject({
      left: { _tag: 'CheckpointNotFound' },
    });
  });

  test('says of a file system that is read-only that it is, and not that somebody lacks a right', async () => {
    const { executor } = world({ isFull: true, code: 'EROFS' });
    const prepared = right(await executor.prepare(planOf(LINKS))());
    const stopped = await executor.execute(prepared)();
    const error = isLeft(stopped) && stopped.left._tag === 'Stopped' ? stopped.left.cause?.error : null;
    expect(error === null || error === undefined ? '' : describeHostFailure(error)).toBe(
      '/site/c: symlink failed: the file system is read-only (EROFS)',
    );
  });

  test('leaves what it did where it stops, and says what stopped it and at which checkpoint', async () => {
    const { executor, checkpoints, tree } = world({ isFull: true });
    const prepared = right(await executor.prepare(planOf(LINKS))());
    expect(await executor.execute(prepared)()).toMatchObject({
      left: {
        _tag: 'Stopped',
        checkpoint: prepared.checkpoint,
        cause: { operation: 'c', error: { _tag: 'HostCallFailed', call: 'symlink', code: 'ENOSPC' } },
        report: { executed: ['a', 'b'], failed: ['c'], rolledBack: [] },
      },
    });
    expect(tree()).toEqual([expect.stringContaining('/site '), ...links('a', 'b')]);
    const stored = right(await checkpoints.restore(prepared.checkpoint)());
    expect(stored.entries.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});

describe('rollback', () => {
  test('takes back what an execution that stopped had done, once: its checkpoint is gone then', async () => {
    const { executor, tree, names } = world({ isFull: true });
    const before = tree();
    const prepared = right(await executor.prepare(planOf(LINKS))());
    await executor.execute(prepared)();
    expect(right(await executor.rollback(prepared.checkpoint)())).toEqual({
      rolledBack: ['b', 'a'],
      failures: [],
    });
    expect(tree()).toEqual(before);
    expect(names()).toContain('executor.Rollback');
    expect(await executor.rollback(prepared.checkpoint)()).toEqual({
      _tag: 'Left',
      left: { _tag: 'CheckpointNotFound', id: prepared.checkpoint },
    });
  });

  test('can be another process, which knows no more than the checkpoint in a file', async () => {
    const { memory, tree } = world({ isFull: true });
    const before = tree();
    const executorOn = () =>
      createHostExecutor({
        files: memory.files,
        checkpoints: fileCheckpointStore(memory, '/state'),
      });
    const prepared = right(await executorOn().prepare(planOf(LINKS))());
    expect(await executorOn().execute(prepared)()).toMatchObject({ left: { _tag: 'Stopped' } });
    expect(right(await executorOn().rollback(prepared.checkpoint)()).failures).toEqual([]);
    expect(tree()).toEqual(before);
  });

  test('leaves alone what somebody else has put in the place', async () => {
    const { executor, memory } = world({ isFull: true });
    const prepared = right(await executor.prepare(planOf(LINKS))());
    await executor.execute(prepared)();
    memory.onlooker.remove('/site/b')();
    memory.onlooker.writeNewFile('/site/b', Buffer.from('of somebody else'))();
    const theirs = memory.onlooker.readFile('/site/b')();
    expect(right(await executor.rollback(prepared.checkpoint)())).toEqual({
      rolledBack: ['a'],
      failures: [],
    });
    expect(memory.onlooker.readFile('/site/b')()).toEqual(theirs);
  });

  test('keeps the checkpoint of what it could not take back, and takes it back when it is asked again', async () => {
    const { executor, tree, refuse } = world({ isFull: true });
    const before = tree();
    const prepared = right(await executor.prepare(planOf(LINKS))());
    await executor.execute(prepared)();
    refuse('unlink', '/site/a');
    expect(right(await executor.rollback(prepared.checkpoint)())).toMatchObject({
      rolledBack: ['b'],
      failures: [{ operation: 'a', error: { _tag: 'PermissionDenied', path: '/site/a' } }],
    });
    refuse('', '');
    expect(right(await executor.rollback(prepared.checkpoint)())).toMatchObject({
      rolledBack: ['a'],
      failures: [],
    });
    expect(tree()).toEqual(before);
  });
});
