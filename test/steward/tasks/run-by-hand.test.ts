import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';

/** Writes a file; can be told to fail, or to go on until it is told to stop. */
const writes: ExecutableFactory<{ readonly do: string }> = {
  name: 'writes',
  description: 'Writes a file.',
  kind: 'executable',
  modes: ['InTransactionWriter'],
  config: t.type({ do: t.string }),
  execute:
    (context, { do: what }) =>
    async () => {
      if (context.isWriter) await context.fs.write('/made', Buffer.from('made'))();
      if (what === 'wait') {
        begun();
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
      }
      return what === 'write'
        ? right(undefined)
        : TE.left({
            _tag: 'FactoryFailed' as const,
            path: context.path,
            factory: 'writes',
            message: 'no luck',
          })();
    },
};

const { clock, advance } = settableClock();
let begun: () => void;
let pond: MemoryPond;
beforeEach(async () => {
  pond = await createMemoryPond({ factories: [writes], lockTimeoutMs: 0, clock });
  await pond.promises.write(async ({ fs }) => {
    const make = (name: string, text: string) =>
      fs.createDynamicPath(`/jobs/${name}`, 'file:dynamic', 'writes', Buffer.from(text));
    await fs.mkdir('/jobs');
    await make('good', 'do: write');
    await make('bad', 'do: fail');
    await make('slow', 'factory: writes\ntimeout: 2s\nconfig: { do: wait }');
    await fs.write('/jobs/none', Buffer.from('nothing'));
  });
});

/** Does something while another write keeps the lock. */
const whileLocked = async (use: () => Promise<void>): Promise<void> => {
  const { promise: locked, resolve: isLocked } = promiseOf();
  const { promise: over, resolve: isOver } = promiseOf();
  const other = pond.promises.write(async () => {
    isLocked();
    await over;
  });
  await locked;
  await use();
  isOver();
  await other;
};

const promiseOf = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
};

/** What stands in the control table since the pond was set up, oldest first. */
const recorded = async () => {
  const all = await pond.promises.transactions();
  return all
    .filter(({ txnSeq, transactionType }) => txnSeq > 2 || transactionType === 'read')
    .map(({ transactionType, status, factoryName, configPath, errorMessage }) => ({
      transactionType,
      status,
      factoryName,
      configPath,
      errorMessage,
    }))
    .toReversed();
};

describe('a run by hand stands in the control table once, as what it was', () => {
  it('where it wrote', async () => {
    await pond.promises.run('/jobs/good');
    expect(await recorded()).toEqual([
      {
        transactionType: 'write',
        status: 'committed',
        errorMessage: null,
        factoryName: 'writes',
        configPath: '/jobs/good',
      },
    ]);
  });

  it('where it failed', async () => {
    await expect(pond.promises.run('/jobs/bad')).rejects.toMatchObject({ _tag: 'FactoryFailed' });
    expect(await recorded()).toMatchObject([
      {
        transactionType: 'write',
        status: 'failed',
        factoryName: 'writes',
        configPath: '/jobs/bad',
        errorMessage: '/jobs/bad: writes: no luck',
      },
    ]);
  });

  it('where another write keeps the lock', async () => {
    await whileLocked(async () => {
      await expect(pond.promises.run('/jobs/good')).rejects.toMatchObject({ _tag: 'PondLocked' });
    });
    expect(await recorded()).toMatchObject([
      { transactionType: 'write', status: 'completed' },
      {
        transactionType: 'write',
        status: 'failed',
        factoryName: 'writes',
        configPath: '/jobs/good',
        errorMessage: expect.stringContaining('is locked'),
      },
    ]);
    expect((await pond.promises.incomplete()).transactions).toEqual([]);
    expect((await pond.promises.fsck()).ok).toBe(true);
  });

  it('where there is nothing to be run', async () => {
    for (const path of ['/jobs/none', '/nowhere'])
      await expect(pond.promises.run(path)).rejects.toMatchObject({ _tag: expect.any(String) });
    expect(await recorded()).toMatchObject([
      { status: 'failed', configPath: '/jobs/none', factoryName: null },
      { status: 'failed', configPath: '/nowhere', factoryName: null },
    ]);
  });
});

it('any write that is refused by the lock stands once as failed, and what it was refused for', async () => {
  await whileLocked(async () => {
    await expect(pond.promises.write(({ fs }) => fs.mkdir('/a'))).rejects.toMatchObject({
      _tag: 'PondLocked',
    });
  });
  expect((await recorded()).filter(({ status }) => status === 'failed')).toMatchObject([
    { transactionType: 'write', factoryName: null, errorMessage: expect.stringContaining('is locked') },
  ]);
});

it('the timeout of an entry holds when it is run by hand as a writer: it is told to stop, and nothing is committed', async () => {
  const waits = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const ended = expect(pond.promises.run('/jobs/slow')).rejects.toThrow('timed out after 2');
  await waits;
  await advance(2_000);
  await ended;
  expect(await pond.promises.read(({ fs }) => fs.exists('/made'))).toBe(false);
});

it('an entry that does not say how long it may take has what its directory gives it, run by hand, too', async () => {
  await pond.promises.write(
    async ({ fs }) => {
      const waits = Buffer.from('factory: writes\nconfig: { do: wait }');
      await fs.createDynamicPath('/etc/system.d/10-slow', 'file:dynamic', 'writes', waits);
      await fs.write('/etc/system.d/config.yaml', Buffer.from('defaults: { timeout: 7s }'));
      await fs.mkdir('/etc/gate.d');
      await fs.createDynamicPath('/etc/gate.d/10-slow', 'file:dynamic', 'writes', waits);
    },
    { gates: false },
  );
  for (const [path, seconds] of [
    ['/etc/system.d/10-slow', 7],
    ['/etc/gate.d/10-slow', 30],
  ] as const) {
    const waits = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const ended = expect(pond.promises.run(path)).rejects.toThrow(`timed out after ${seconds}`);
    await waits;
    await advance(seconds * 1_000);
    await ended;
  }
});

it('a run that is interrupted says that nothing was committed, and is recorded as that', async () => {
  const waits = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const interrupt = new AbortController();
  const ended = expect(pond.promises.run('/jobs/slow', { signal: interrupt.signal })).rejects.toMatchObject({
    _tag: 'Interrupted',
    message: 'interrupted (run): nothing was committed',
  });
  await waits;
  interrupt.abort();
  await ended;
  expect(await recorded()).toMatchObject([
    { status: 'failed', configPath: '/jobs/slow', errorMessage: expect.stringContaining('interrupted') },
  ]);
  expect(await pond.promises.read(({ fs }) => fs.exists('/made'))).toBe(false);
});
