import { afterAll, beforeAll, expect, test } from 'vitest';
import { scheduledPond } from '../scheduling.js';
import { type Asking, asking, shownPond } from './asking.js';

const WATCH = '/etc/schedule.d/10-watch';
const TELL = '/etc/system.d/20-tell';
const FIRING = `${WATCH}@2026-11-28T10:15Z`;

let pond: Awaited<ReturnType<typeof scheduledPond>>;
let here: Asking;

const get = async (address: string) => (await here.ask('GET', `/api/v1/ponds/pond${address}`)).json;

beforeAll(async () => {
  pond = await scheduledPond('2026-11-28T10:01:00Z');
  here = asking([shownPond(pond.steward)], { clock: pond.clock });
  await pond.entry(WATCH, { factory: 'watch', schedule: '*/15 * * * *' });
  await pond.entry(TELL, { factory: 'tell', depends_on: [WATCH], run_when: 'always' });
  pond.breakIt(true);
  pond.at('2026-11-28T10:15:02Z');
  await pond.work();
});
afterAll(() => pond.steward.close()());

test('a firing is shown with what ran for it, and in time', async () => {
  const trace = await get(`/firings/firing?firing=${encodeURIComponent(FIRING)}`);
  expect(trace).toMatchObject({
    firing: FIRING,
    due_at: '2026-11-28T10:15:00.000Z',
    status: 'failed',
    tasks: [
      { task: FIRING, config_path: WATCH, state: 'failed' },
      { task: `${FIRING}.1`, config_path: TELL, state: 'completed' },
    ],
  });
  expect((await get('/firings/firing?firing=42.1')).error.tag).toBe('TaskNotFound');
});

test('an entry that fails by schedule fails on the overview, too', async () => {
  expect((await get('/overview')).entries).toMatchObject([
    { config_path: WATCH, failures: 1, failing_since: '2026-11-28T10:15:02.000Z' },
    { config_path: TELL, failures: 0 },
  ]);
});

test('a firing has output, is settled, and is taken up again', async () => {
  const task = encodeURIComponent(FIRING);
  expect(await get(`/output?task=${task}`)).toMatchObject({ task: FIRING, attempt: 1, state: 'failed' });
  expect(await get(`/output?task=${task}.1`)).toMatchObject({ task: `${FIRING}.1`, state: 'completed' });
  const post = async (what: string, task = FIRING) =>
    (await here.ask('POST', `/api/v1/ponds/pond/${what}`, { body: { task } })).json;
  expect(await post('dismiss')).toMatchObject({ firing: FIRING, tasks: [{ state: 'dismissed' }] });
  pond.breakIt(false);
  expect(await post('retry', `${FIRING}.0`)).toMatchObject({
    firing: FIRING,
    tasks: [
      { task: FIRING, state: 'completed' },
      { task: `${FIRING}.1`, attempts: 2 },
    ],
  });
  expect(pond.ran.filter(({ path }) => path === WATCH)).toHaveLength(2);
});
