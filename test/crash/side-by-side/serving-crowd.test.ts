import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/condition.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type BuiltPonds, buildPonds, type Running, run, start } from '../machinery/built-ponds.js';
import { faultsOfCheck } from '../machinery/check.js';
import { faultsOfEnd, pondIn } from '../machinery/invariants.js';
import { askJson } from '../scenarios/asking.js';
import { plainPond, prepare } from '../scenarios/base-ponds.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;
const PATIENCE = 240_000;

const WRITERS = 6;
const FILES = 6;

/** The entry was made more than a year ago, so that the beginning of this year was missed, whenever this runs. */
const LONG_AGO = { POND_TEST_CLOCK: String(-400 * 86_400_000) };
const SCHEDULE = '/etc/schedule.d/10-note';

const place = temporaryFolder('serving-crowd');
const started: Running[] = [];
let ponds: BuiltPonds;

beforeAll(async () => {
  ponds = await buildPonds({ fewDie: true });
}, LONG);
afterAll(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
});

const serve = async (pond: string): Promise<Running> => {
  const server = start(ponds.pond, pond, ['serve', '--no-web']);
  started.push(server);
  await eventually(`it serves: ${server.said()}`, () => server.said().includes('serving'), PATIENCE);
  return server;
};

const end = async (server: Running): Promise<void> => {
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
};

const faultsIn = async (folder: string) => [
  ...(await faultsOfEnd(folder, { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false)),
  ...(await faultsOfCheck(pondIn(folder))),
];

describe('two that serve a pond, one of which is killed', { timeout: LONG }, () => {
  test('take in what six writers put into a folder while they commit, each file once, moved to where it belongs', async () => {
    const folder = join(place, 'watching');
    const pond = await plainPond(folder);
    const [watched, done] = [join(folder, 'watched'), join(folder, 'done')];
    mkdirSync(watched);
    const entry = { folder: watched, into: '/in/', settle: '0s', after: { move: done } };
    await prepare(pond, ['mknod', 'watch', '/etc/watch.d/10-in', '--config', JSON.stringify(entry)]);
    const [first, second] = [await serve(pond), await serve(pond)];

    const put = async (writer: number): Promise<void> => {
      for (let file = 0; file < FILES; file++) {
        const name = `${writer}-${file}`;
        writeFileSync(join(watched, `.${name}`), `content of ${name}`.repeat(1 + 2_000 * (file % 2)));
        renameSync(join(watched, `.${name}`), join(watched, name));
        if (file % 3 !== 1) continue;
        const args = ['copy', '-', `/by-hand/${name}`, '--lock-timeout', '5m'];
        expect((await run(ponds.pond, pond, args, { input: name })).code).toBe(0);
      }
    };
    const moved = () => {
      try {
        return readdirSync(done).length;
      } catch {
        return 0;
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => put(writer)));
    await eventually('some have arrived', () => moved() >= 3, PATIENCE);
    first.child.kill('SIGKILL');
    await first.ended;
    await writing;
    const third = await serve(pond);
    await eventually('all have arrived', () => moved() === WRITERS * FILES, PATIENCE);
    await end(second);
    await end(third);

    expect(readdirSync(watched)).toEqual([]);
    const names = Array.from({ length: WRITERS }, (_, writer) =>
      Array.from({ length: FILES }, (__, file) => `${writer}-${file}`),
    ).flat();
    expect(readdirSync(done).sort()).toEqual([...names].sort());
    const listed = (await askJson(pond, 'list', '/in/*')) as unknown as readonly {
      readonly path: string;
      readonly version: number;
    }[];
    expect(listed.map(({ path, version }) => `${path} ${version}`).sort()).toEqual(
      names.map((name) => `/in/${name} 1`).sort(),
    );
    expect(await faultsIn(folder)).toEqual([]);
  });

  test('run a firing that was missed, once to its end, whoever is killed at it', async () => {
    const folder = join(place, 'firing');
    const pond = await plainPond(folder);
    const script = `echo "$POND_ATTEMPT_ID" >> "$POND/../begun"
until test -e "$POND/../go"; do sleep 0.05; done
echo "$POND_ATTEMPT_ID" >> "$POND/../ended"`;
    const entry = JSON.stringify({
      factory: 'command',
      schedule: '0 0 1 1 *',
      config: { run: [script], shell: true },
    });
    const made = await run(ponds.jumping, pond, ['mknod', 'command', SCHEDULE, '--config', entry], {
      env: LONG_AGO,
    });
    expect(made.code).toBe(0);
    const attempts = async (): Promise<number> => {
      const { firings = [] } = (await askJson(pond, 'control')) as {
        readonly firings?: readonly { readonly tasks: readonly { readonly attempts: number }[] }[];
      };
      return firings[0]?.tasks[0]?.attempts ?? 0;
    };
    const [first, second] = [await serve(pond), await serve(pond)];
    await eventually('an attempt runs', async () => (await attempts()) === 1, PATIENCE);
    // Whichever of the two runs it.
    first.child.kill('SIGKILL');
    second.child.kill('SIGKILL');
    await Promise.all([first.ended, second.ended]);
    const third = await serve(pond);
    await eventually('the next attempt runs', async () => (await attempts()) === 2, PATIENCE);
    writeFileSync(join(folder, 'go'), '');
    await eventually(
      'it has ended',
      async () => {
        const { schedules } = (await askJson(pond, 'status')) as {
          readonly schedules: readonly { readonly last: { readonly state: string } }[];
        };
        return schedules[0]?.last.state === 'completed';
      },
      PATIENCE,
    );
    await end(third);
    const { firings } = (await askJson(pond, 'control')) as { readonly firings: readonly unknown[] };
    expect(firings).toHaveLength(1);
    expect(await faultsIn(folder)).toEqual([]);
  });
});
