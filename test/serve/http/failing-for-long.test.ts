import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { type Asking, asking, shownPond } from './asking.js';

let pond: MemoryPond;
let here: Asking;
/** Time at which each entry first failed, by its path. */
const begun: Record<string, string> = {};

const FAILS = 'factory: test-executor\nconfig: { message: no, fail: true }\n';
const RARE = `${FAILS}condition: { path_pattern: /rare }\n`;

const ask = async (target: string) => (await here.ask('GET', `/api/v1${target}`)).json;
const write = (path: string, text: string) =>
  pond.promises.write(({ fs }) => fs.write(path, Buffer.from(text)));

/** More commits than the overview looks at. */
const COMMITS = 210;

beforeAll(async () => {
  pond = await createMemoryPond();
  here = asking([shownPond(pond.steward)]);
  await write('/etc/system.d/20-rare', RARE);
  await write('/rare', 'once');
  await write('/etc/system.d/10-always', FAILS);
  for (let number = 0; number < COMMITS; number += 1) await write('/data', String(number));
  for (const seq of [3, 5]) {
    const [task] = await pond.promises.tasks(seq);
    if (task?.completedAt == null) throw new Error(`nothing has run after commit ${seq}`);
    begun[task.configPath] = new Date(task.completedAt / 1000).toISOString();
  }
});
afterAll(() => pond.promises.close());

test('what has failed for longer than commits are looked at fails since it began to, also where it has not run since', async () => {
  const { entries, failed_tasks } = await ask('/ponds/pond/overview');
  expect(failed_tasks).toBe(COMMITS + 1);
  expect(entries).toMatchObject([
    {
      config_path: '/etc/system.d/20-rare',
      failing_since: begun['/etc/system.d/20-rare'],
      failures: 1,
      last: { task: '3.1', state: 'failed' },
    },
    {
      config_path: '/etc/system.d/10-always',
      failing_since: begun['/etc/system.d/10-always'],
      failures: COMMITS,
      last: { task: `${COMMITS + 4}.1` },
    },
  ]);
});

test('of what has failed lists have the oldest, beside the number of all', async () => {
  const { failed_tasks, post_commit } = await ask('/ponds/pond/status?limit=3');
  expect(failed_tasks).toBe(COMMITS + 1);
  expect(post_commit.failed_tasks.map(({ task }: { readonly task: string }) => task)).toEqual([
    '3.1',
    '5.1',
    '6.1',
  ]);
  expect(await pond.promises.incomplete({ failedTasks: 0 })).toMatchObject({
    failedTasks: [],
    failed: { tasks: COMMITS + 1 },
  });
  expect((await pond.promises.status()).incomplete.failedTasks).toHaveLength(COMMITS + 1);
});

test('what is settled fails no longer', async () => {
  await pond.promises.dismiss({ txnSeq: 3 });
  const { entries, failed_tasks } = await ask('/ponds/pond/overview');
  expect(failed_tasks).toBe(COMMITS);
  expect(entries).toMatchObject([{ config_path: '/etc/system.d/10-always', failures: COMMITS }]);
});
