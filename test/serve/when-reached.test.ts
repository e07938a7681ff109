import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { SERVER_READ_ONLY, SERVER_TRY_AGAIN } from '../../src/ports/sql-server.js';
import { settle } from '../../src/promised-steward.js';
import { endedWhileWaiting, whenReached } from '../../src/serve/when-reached.js';
import type { PondError } from '../../src/steward/errors.js';
import { createWorld } from '../shared/world.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const failed = (code: string, message: string): PondError & { readonly message: string } => ({
  _tag: 'ControlFailed',
  path: 'postgres://db/ponds',
  code,
  message,
});
const refused = failed(SERVER_TRY_AGAIN, 'connect ECONNREFUSED');
const starting = failed(SERVER_TRY_AGAIN, 'the database system is starting up');
const standby = failed(SERVER_READ_ONLY, 'a read-only transaction');

/** Opens a pond with these answers, one after the other; `endAfter`: it is told to end while it waits for the so many-th time. */
const opening = async (answers: readonly (PondError | 'opened')[], endAfter = Number.POSITIVE_INFINITY) => {
  const said: unknown[] = [];
  const ending = new AbortController();
  const waiting = [...answers];
  let slept = 0;
  const capabilities = {
    clock: {
      sleep: async () => {
        slept += 1;
        if (slept === endAfter) ending.abort();
      },
    },
    logger: { log: (...line: readonly unknown[]) => void said.push(line) },
  };
  const outcome = await whenReached(
    capabilities,
    ending.signal,
    async () => {
      const answer = waiting.shift();
      if (answer === undefined) throw new Error('asked too often');
      return answer === 'opened' ? right(answer) : left(answer);
    },
    () => async () => undefined,
  )();
  return { outcome, said, slept };
};

test('whoever is to work for a pond waits until its database is there and takes writes, and says once why', async () => {
  const warning = (error: string) => [
    'warn',
    'control_not_reached',
    { control: 'postgres://db/ponds', error },
  ];
  expect(await opening([refused, refused, starting, standby, 'opened'])).toEqual({
    outcome: right('opened'),
    said: [refused, starting, standby].map(({ message }) => warning(message)),
    slept: 4,
  });
});

const away = {
  _tag: 'StoreFailed',
  store: 's3://bucket/pond',
  call: 'get',
  key: '_pond.json',
  code: 'ECONNREFUSED',
  message: 'connect ECONNREFUSED',
  isTransient: true,
  retryAfterMs: null,
} as const;

test('it waits for a store in the same way, and says so', async () => {
  expect(await opening([away, away, refused, 'opened'])).toMatchObject({
    outcome: right('opened'),
    said: [
      ['warn', 'store_not_reached', { store: 's3://bucket/pond', error: 'connect ECONNREFUSED' }],
      ['warn', 'control_not_reached', { control: 'postgres://db/ponds', error: refused.message }],
    ],
  });
});

test('it waits also for a store that goes away once it has said which pond lies there', async () => {
  const world = createWorld(temporaryFolder('gone-behind'));
  await world.init();
  let refused = 0;
  world.fail(({ key }) => (key.startsWith('_delta_log') && refused++ < 10 ? 'unreached' : null));
  const { logger, lines } = memoryLogger();
  const opened = await settle(
    whenReached(
      { clock: { sleep: async () => undefined }, logger },
      new AbortController().signal,
      world.program.open('s3://bucket/pond', { cache: join(world.folder, 'another') }),
      () => async () => undefined,
    ),
  );
  await settle(opened.close());
  expect(refused).toBeGreaterThan(10);
  expect(lines).toMatchObject([
    { event: 'store_not_reached', fields: { error: expect.stringContaining('ECONNREFUSED') } },
  ]);
});

const interrupted = left({ _tag: 'Interrupted', call: 'waiting for the pond' });

test('it waits no longer when it is told to end, and for nothing else', async () => {
  expect(await opening([refused, refused], 1)).toMatchObject({ outcome: interrupted, slept: 1 });
  const denied = failed('28P01', 'password authentication failed');
  expect(await opening([denied])).toEqual({ outcome: left(denied), said: [], slept: 0 });
  const forbidden = { ...away, code: 'AccessDenied', isTransient: false };
  expect(await opening([forbidden])).toEqual({ outcome: left(forbidden), said: [], slept: 0 });
});

test('a server that is silent keeps nobody who is told to end, and what it opens after all is let go of', async () => {
  const ending = new AbortController();
  const letGo: string[] = [];
  let open: (pond: string) => void = () => undefined;
  const silent = new Promise<string>((resolve) => {
    open = resolve;
  });
  const outcome = whenReached(
    { clock: { sleep: async () => undefined }, logger: { log: () => undefined } },
    ending.signal,
    async () => right(await silent),
    (pond) => async () => letGo.push(pond),
  )();
  ending.abort();
  expect(await outcome).toEqual(interrupted);
  open('late');
  await expect.poll(() => letGo).toEqual(['late']);
});

test('what is opened too late and cannot be closed is said, and ends nothing', async () => {
  const said: unknown[] = [];
  const ending = new AbortController();
  let open: (pond: string) => void = () => undefined;
  const silent = new Promise<string>((resolve) => {
    open = resolve;
  });
  const outcome = whenReached(
    { clock: { sleep: async () => undefined }, logger: { log: (...line) => void said.push(line) } },
    ending.signal,
    async () => right(await silent),
    () => async () => Promise.reject(new Error('no way')),
  )();
  ending.abort();
  expect(await outcome).toEqual(interrupted);
  open('late');
  await expect.poll(() => said).toEqual([['warn', 'pond_not_closed', { error: 'Error: no way' }]]);
});

test('only who was told to end while it waited has done nothing', async () => {
  const { outcome } = await opening([refused, refused], 1);
  expect(outcome).toMatchObject({ _tag: 'Left' });
  expect('left' in outcome && endedWhileWaiting(outcome.left)).toBe(true);
  expect(endedWhileWaiting({ _tag: 'Interrupted', call: 'a task' })).toBe(false);
  // A pond whose opening itself is interrupted is an error like any other.
  const other: PondError = { _tag: 'Interrupted', call: 'opening' };
  expect(await opening([other])).toMatchObject({ outcome: left(other), slept: 0 });
});
