import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/adapters/logging/json-logger.js';
import { assemble } from '../../src/composition-root.js';
import type { ExecutableFactory } from '../../src/factories/factory.js';
import { livePorts } from '../../src/live-ports.js';
import type { SqlDatabase } from '../../src/ports/sql-database.js';
import { promisedSteward, settle } from '../../src/promised-steward.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A pond whose control database is kept by somebody else for so many tries of a transaction. */
const pondThatIsKept = async () => {
  const directory = join(temporaryFolder('busy'), 'pond');
  let kept = 0;
  const slept: number[] = [];
  let now = 0;
  const lines: string[] = [];
  const ports = livePorts(createLogger({ level: 'info', pretty: false, write: (line) => lines.push(line) }));
  const keeping = (database: SqlDatabase): SqlDatabase => ({
    ...database,
    transaction: (durability, body) => () => {
      if (kept === 0) return database.transaction(durability, body)();
      kept -= 1;
      return {
        _tag: 'Left',
        left: { _tag: 'SqlError', path: directory, code: 'SQLITE_BUSY', message: 'locked' },
      };
    },
  });
  const program = assemble({
    ...ports,
    clock: {
      ...ports.clock,
      monotonicMs: () => now,
      // Those that can be cut short are between looks for cancellations.
      sleep: async (ms, cut) => {
        if (cut !== undefined) return ports.clock.sleep(ms, cut);
        slept.push(ms);
        now += ms;
      },
    },
    databases: {
      ...ports.databases,
      open: (path, options) => () => {
        const opened = ports.databases.open(path, options)();
        return isLeft(opened) ? opened : { ...opened, right: keeping(opened.right) };
      },
    },
  });
  const ran: string[] = [];
  const keep = (tries: number) => {
    kept = tries;
  };
  /** Runs while the control database is kept from when its work is done. */
  const work: ExecutableFactory<{ readonly name: string; readonly keep?: number }> = {
    name: 'work',
    description: 'Notes that it ran.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: t.intersection([t.type({ name: t.string }), t.partial({ keep: t.number })]),
    execute: (_, { name, keep: tries = 0 }) =>
      TE.fromIO(() => {
        ran.push(name);
        keep(tries);
      }),
  };
  await settle(program.init(directory, { trust: 'all' }));
  const steward = promisedSteward(await settle(program.open(directory, { trust: 'all', factories: [work] })));
  const entry = (name: string, config: object) =>
    steward.write(({ fs }) =>
      fs.createDynamicPath(
        `/etc/system.d/${name}`,
        'file:dynamic',
        'work',
        Buffer.from(JSON.stringify(config)),
      ),
    );
  return { steward, entry, ran, keep, slept, lines };
};

describe('a control table that another process keeps for a while', () => {
  it('stops no task: what ran is recorded as soon as it can be, the next one starts then, and none runs twice', async () => {
    const { steward, entry, ran, slept } = await pondThatIsKept();
    await entry('10-first', { name: 'first', keep: 20 });
    await entry('20-second', { name: 'second' });
    const outcome = await steward.write(({ fs }) => fs.write('/a', Buffer.from('a')));
    expect(outcome).toMatchObject({ recorded: true, tasksKnown: true });
    expect(outcome._tag === 'Committed' && outcome.tasks.map(({ state }) => state)).toEqual([
      'completed',
      'completed',
    ]);
    expect(slept.length).toBe(20);
    expect((await steward.recover()).tasks).toEqual([]);
    expect(ran).toEqual(['first', 'second']);
    await steward.close();
  });

  it('starts no task unrecorded, however long that takes, and says that tasks ran whose end it could not record', async () => {
    const { steward, entry, ran, keep } = await pondThatIsKept();
    await entry('10-first', { name: 'first', keep: 1_000_000 });
    await entry('20-second', { name: 'second' });
    const outcome = await steward.write(({ fs }) => fs.write('/a', Buffer.from('a')));
    expect(outcome).toMatchObject({ recorded: true, tasksKnown: false });
    expect(ran).toEqual(['first']);
    keep(0);
    await steward.close();
  });

  it('keeps nobody from reading; such a read leaves no record, and says so', async () => {
    const { steward, keep, lines } = await pondThatIsKept();
    const before = await steward.records();
    keep(1_000_000);
    expect(await steward.read(({ fs }) => fs.exists('/etc'))).toBe(true);
    expect(lines.filter((line) => line.includes('read_not_recorded'))).toHaveLength(1);
    keep(0);
    expect(await steward.records()).toEqual(before);
    await steward.close();
  });

  it('refuses a write that cannot be begun, before anything happens', async () => {
    const { steward, keep } = await pondThatIsKept();
    keep(1_000_000);
    await expect(steward.write(({ fs }) => fs.write('/a', Buffer.from('a')))).rejects.toMatchObject({
      _tag: 'ControlFailed',
    });
    keep(0);
    expect(await steward.read(({ fs }) => fs.exists('/a'))).toBe(false);
    await steward.close();
  });
});
