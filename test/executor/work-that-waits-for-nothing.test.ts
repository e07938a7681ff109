import { left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import type { UndoableHandler } from '../../src/executor/all-or-nothing/capabilities.js';
import { executeAllOrNothing } from '../../src/executor/all-or-nothing/execute-all-or-nothing.js';
import type { AllOrNothingError } from '../../src/executor/all-or-nothing/outcome.js';
import type { Operation } from '../../src/executor/operation.js';
import { type Failure, operation, silentLogger } from './fixture.js';

const OPERATIONS = Array.from({ length: 10_000 }, (_, place) => operation(`operation-${place}`));

/** Executes ten thousand operations in one batch; `interrupt` gets its turn as soon as anything but they gets one. */
const execute = async (concurrency: number, rest: (interrupt: () => void) => Partial<Handler>) => {
  const controller = new AbortController();
  const undone: string[] = [];
  const ended = await executeAllOrNothing<Operation, null, Failure>({
    handler: {
      prepare: () => right(undefined),
      intend: () => right(null),
      execute: () => right(undefined),
      undo: ({ id }) => {
        undone.push(id);
        return TE.right('Undone');
      },
      secure: () => TE.right(undefined),
      ...rest(() => setImmediate(() => controller.abort())),
    },
    checkpoint: {
      id: 'checkpoint',
      create: () => TE.right(undefined),
      intend: () => TE.right(undefined),
      undone: () => right(undefined),
      settle: () => TE.right([]),
    },
    clock: nodeClock,
    logger: silentLogger,
  })(
    { checksum: 'c', operations: OPERATIONS, batches: [[...OPERATIONS.keys()]] },
    { concurrency, signal: controller.signal },
  )();
  return { ended, undone };
};

type Handler = UndoableHandler<Operation, null, Failure>;

/** Calls something the first time only. */
const once = (call: () => void): (() => void) => {
  let isCalled = false;
  return () => {
    if (!isCalled) call();
    isCalled = true;
  };
};

const interrupted = (report: object): AllOrNothingError<Failure> =>
  expect.objectContaining({ _tag: 'Interrupted', report: expect.objectContaining(report) });

describe.each([1, 4])('a plan of operations that wait for nothing, %i side by side', (concurrency) => {
  test('is stopped in the middle of a batch by an interrupt, and undone', async () => {
    let executed = 0;
    const { ended, undone } = await execute(concurrency, (interrupt) => {
      const first = once(interrupt);
      return {
        execute: () => {
          executed += 1;
          first();
          return right(undefined);
        },
      };
    });
    expect(ended).toEqual(left(interrupted({ executed: [] })));
    expect(executed).toBeLessThan(OPERATIONS.length);
    expect(undone).toEqual(
      OPERATIONS.slice(0, executed)
        .map(({ id }) => id)
        .toReversed(),
    );
  });

  test('is stopped by an interrupt while it is prepared, and nothing is executed', async () => {
    let prepared = 0;
    const { ended, undone } = await execute(concurrency, (interrupt) => {
      const first = once(interrupt);
      return {
        prepare: () => {
          prepared += 1;
          first();
          return right(undefined);
        },
      };
    });
    expect(ended).toEqual(left(interrupted({ executed: [] })));
    expect(prepared).toBeLessThan(OPERATIONS.length);
    expect(undone).toEqual([]);
  });

  test('never has more of them running than that, where some do wait', async () => {
    let running = 0;
    let most = 0;
    const { ended } = await execute(concurrency, () => ({
      execute: ({ id }) => {
        if (!id.endsWith('7')) return right(undefined);
        running += 1;
        most = Math.max(most, running);
        return Promise.resolve().then(() => {
          running -= 1;
          return right(undefined);
        });
      },
    }));
    expect(ended._tag).toBe('Right');
    expect(most).toBe(concurrency);
  });
});
