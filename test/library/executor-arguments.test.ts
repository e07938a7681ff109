import { expect, it } from 'vitest';
import {
  createHostExecutor,
  createMemoryFileSystem,
  memoryCheckpointStore,
  planHostOperations,
} from '../../src/standalone-executor.js';

// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose
type Untyped = any;

const wrongOperations: readonly (readonly [unknown, string, string])[] = [
  [undefined, 'operations', 'expected a list, got undefined'],
  [[7], 'operations[0]', 'expected a mapping with the keys id and kind'],
  [[{ id: 'a', kind: 'Format' }], 'operations[0].kind', 'unknown kind "Format"; kinds are'],
  [[{ id: 'a', kind: 'DirCreate' }], 'operations[0].path', 'required, expected string'],
  [[{ id: 'a', kind: 'DirCreate', path: '/x', moed: '0700' }], 'operations[0].moed', 'unknown key'],
];

it.each(wrongOperations)(
  '%j is not planned, and what is wrong is said with its place',
  (given, key, message) => {
    expect(planHostOperations(given as Untyped)).toMatchObject({
      left: [{ _tag: 'InvalidOperation', key, message: expect.stringContaining(message) }],
    });
  },
);

it('an executor is not made of parts that are missing', () => {
  expect(() => createHostExecutor({ files: createMemoryFileSystem().files } as Untyped)).toThrow(
    'createHostExecutor: checkpoints: required',
  );
});

it('a number of operations side by side that is not a number is refused before anything is done', async () => {
  const { files, onlooker } = createMemoryFileSystem();
  const executor = createHostExecutor({ files, checkpoints: memoryCheckpointStore() });
  const plan = planHostOperations([{ id: 'a', kind: 'DirCreate', path: '/a' }]);
  if (plan._tag === 'Left') throw new Error(JSON.stringify(plan.left));
  for (const concurrency of ['many' as Untyped, Number.NaN])
    await expect(executor.run(plan.right, { concurrency })()).rejects.toThrow(
      'options.concurrency: expected a number from 1',
    );
  expect(onlooker.readDirectory('/')()).toEqual({ _tag: 'Right', right: [] });
});

const wrongPlans: readonly (readonly [unknown, string])[] = [
  [undefined, 'plan'],
  [null, 'plan'],
  [7, 'plan'],
  [{}, 'plan.operations'],
  [{ operations: 7, batches: [] }, 'plan.operations'],
  [{ operations: [7], batches: [] }, 'plan.operations[0]'],
  [{ operations: [{}], batches: [] }, 'plan.operations[0].operation'],
  [
    { operations: [{ operation: { id: 'a', kind: 'DirCreate', path: '/a' } }], batches: [['a']] },
    'plan.operations[0].depends_on',
  ],
  [
    {
      operations: [{ operation: { id: 'a', kind: 'DirCreate', path: '/a' }, depends_on: [] }],
      batches: [['b']],
    },
    'plan.batches',
  ],
];

it.each(wrongPlans)('%j is not a plan to any phase, and nothing is done', async (plan, key) => {
  const { files, onlooker } = createMemoryFileSystem();
  const executor = createHostExecutor({ files, checkpoints: memoryCheckpointStore() }) as Untyped;
  const refused = (call: string) => ({
    left: { _tag: 'InvalidArgument', call, errors: [{ key: expect.stringContaining(key) }] },
  });
  expect(await executor.run(plan)()).toMatchObject(refused('run'));
  expect(await executor.prepare(plan)()).toMatchObject(refused('prepare'));
  expect(await executor.execute({ plan, checkpoint: 'x' })()).toMatchObject(refused('execute'));
  expect(await executor.execute(undefined)()).toMatchObject({ left: { _tag: 'InvalidArgument' } });
  expect(await executor.rollback(plan)()).toMatchObject({
    left: { _tag: 'InvalidArgument', call: 'rollback' },
  });
  expect(onlooker.readDirectory('/')()).toEqual({ _tag: 'Right', right: [] });
});
