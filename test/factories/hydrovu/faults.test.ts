import { describe, expect, it } from 'vitest';
import { recordingTelemetry } from '../../../src/adapters/memory/recording-telemetry.js';
import { BEGIN, collectingPond, every, PIER, WELL } from './collecting.js';

const withReadings = async (...given: Parameters<typeof collectingPond>) => {
  const made = await collectingPond(...given);
  for (const id of [PIER, WELL])
    made.fake.addReadings(
      id,
      '1',
      '1',
      every(3_600, 96, (index) => index),
    );
  return made;
};

/** Seconds between the requests of a location. */
const pauses = (requests: readonly { readonly at: number }[]): readonly number[] =>
  requests.slice(1).map(({ at }, index) => Math.round(at - (requests[index]?.at ?? 0)));

describe('a server that has trouble', () => {
  it('is asked again after 2, 4 and 8 seconds where it fails, ends its answer, hangs or drops the connection', async () => {
    const { fake, run, rows } = await withReadings();
    fake.fail({ on: PIER, status: 502 });
    fake.fail({ on: PIER, way: 'cut' });
    fake.fail({ on: PIER, way: 'drop' });
    fake.fail({ on: WELL, way: 'hang' });
    expect(await run()).toMatchObject({ error: null, undone: [], committed: true });
    expect(pauses(fake.requests(PIER)).slice(0, 3)).toEqual([2, 4, 8]);
    // A minute until it is given up, and two seconds.
    expect(pauses(fake.requests(WELL))[0]).toBe(62);
    for (const id of [PIER, WELL]) expect(await rows(id)).toHaveLength(96);
  });

  it('is asked again when it says so, by seconds, by a date, or after a minute', async () => {
    const { fake, run, rows } = await withReadings();
    fake.fail({ on: PIER, status: 429, retryAfter: '1' });
    fake.fail({ on: PIER, status: 429, retryAfter: 'date' });
    fake.fail({ on: PIER, status: 429 });
    expect(await run()).toMatchObject({ error: null, undone: [] });
    const [first = 0, second = 0, third = 0] = pauses(fake.requests(PIER));
    expect([first, third]).toEqual([1, 60]);
    expect(second).toBeGreaterThan(28);
    expect(second).toBeLessThan(31);
    expect(await rows(PIER)).toHaveLength(96);
  });

  it('fails one device alone where it goes on: the others land, and it is told which failed', async () => {
    const { fake, run, rows } = await withReadings();
    // Four times for all of it, and for each of the pieces that it may have been too much for.
    fake.fail({ on: PIER, status: 500, times: 12 });
    const { error, committed, undone, report } = await run();
    expect({ error, committed }).toEqual({ error: null, committed: true });
    expect(undone).toHaveLength(1);
    expect(undone[0]).toMatch(/^pier \(4990594334457856\): https:\/\/fake.test answered 500: .*, 4 times$/);
    expect(report?.devices).toMatchObject([
      { state: 'failed', rows: 0 },
      { state: 'appended', rows: 96 },
    ]);
    expect([await rows(PIER), (await rows(WELL)).length]).toEqual([[], 96]);
    expect(await run()).toMatchObject({ error: null, undone: [] });
    expect(await rows(PIER)).toHaveLength(96);
  });

  it('fails one device alone whose series does not take what came, or in whose place something else stands', async () => {
    const { fake, run, rows, pond } = await collectingPond();
    for (const id of [PIER, WELL]) fake.addReadings(id, '1', '1', [[BEGIN, 1]]);
    await run();
    const series = `/hydrovu/devices/${PIER}/pier_active.series`;
    await pond.promises.write(({ fs }) => fs.changeSeries(series, { schema: 'strict' }));
    for (const id of [PIER, WELL]) fake.addReadings(id, '2', '17', [[BEGIN + 60, 2]]);
    const refused = await run();
    expect(refused).toMatchObject({ error: null, committed: true });
    expect(refused.undone).toEqual([expect.stringMatching(/^pier \(4990594334457856\): .* is strict/)]);
    expect(refused.report?.devices).toMatchObject([
      { state: 'failed', rows: 0 },
      { state: 'appended', rows: 1 },
    ]);
    await pond.promises.write(async ({ fs }) => {
      await fs.remove(`/hydrovu/devices/${PIER}`, { recursive: true });
      await fs.write(`/hydrovu/devices/${PIER}`, Buffer.from('in the way'));
    });
    fake.addReadings(WELL, '1', '1', [[BEGIN + 120, 3]]);
    const inTheWay = await run();
    expect(inTheWay.undone).toEqual([expect.stringMatching(/^pier .*exists already: it is a file/)]);
    expect((await rows(WELL)).map(({ time }) => time)).toEqual([BEGIN, BEGIN + 60, BEGIN + 120]);
  });

  it('fails one device alone of which there are thousands of parameters, each with times of its own', async () => {
    const { fake, run, rows } = await withReadings();
    const parameters = Array.from({ length: 4_000 }, (_, at) => ({
      parameterId: `p${at}`,
      unitId: '1',
      readings: [{ timestamp: BEGIN + at, value: 1 }],
    }));
    fake.fail({ on: PIER, body: JSON.stringify({ parameters }) });
    const { undone } = await run();
    expect(undone).toEqual([expect.stringContaining('4000 readings are of 4000 parameters at 4000 times')]);
    expect(await rows(WELL)).toHaveLength(96);
  });

  it.each([
    [100, false],
    [100, true],
    [5, false],
  ])(
    'is asked for less where it cannot answer for more than %i days (its ends are exclusive: %s)',
    async (days, endExclusive) => {
      const { fake, run, rows } = await collectingPond({ since: '2024-01-01', max_points_per_run: 10_000 });
      const daily = Array.from({ length: 860 }, (_, day) => [BEGIN - (850 - day) * 86_400, day] as const);
      // Nothing for a season, and a reading at each end of what may be asked for.
      const known = daily.filter(([, day]) => day < 300 || day > 420);
      for (const id of [PIER, WELL]) fake.addReadings(id, '1', '1', known);
      Object.assign(fake.switches, { longestRange: days * 86_400, endExclusive, pageSeconds: 40 * 86_400 });
      const { error, undone, report } = await run();
      expect([error, undone]).toEqual([null, []]);
      expect(report?.devices).toEqual([
        expect.not.objectContaining({ left_out: expect.anything() }),
        expect.not.objectContaining({ left_out: expect.anything() }),
      ]);
      for (const id of [PIER, WELL])
        expect((await rows(id)).map(({ time }) => time)).toEqual(known.map(([time]) => time));
      // As much as it can is asked for, and what was too much is not asked for by the next device but once.
      expect(fake.requests(PIER).length).toBeLessThan(days === 5 ? 450 : 90);
    },
  );

  it('is told of while somebody waits: which device, how many requests, what is waited for', async () => {
    const { fake, pond } = await withReadings();
    fake.fail({ on: PIER, status: 429, retryAfter: '90' });
    const words: string[] = [];
    await pond.promises.run('/etc/hydrovu.d/noyo', { onProgress: (each) => void words.push(each) });
    expect(words).toContain('fake.test: request 1, 0.0 MiB so far');
    const waits = words.filter((each) => each.startsWith('pier (1 of 2), fake.test: waits for '));
    expect(waits).toMatchObject([expect.stringContaining('answered 429')]);
    expect(words.filter((each) => each.startsWith('well (2 of 2), fake.test: request '))).not.toEqual([]);
    expect(words.at(-1)).toBe('');
    expect(words.join()).not.toContain('a-secret-of-mine');
  });

  it('is not asked for ever less where it answers nothing: one device shows that', async () => {
    const { fake, run } = await withReadings();
    fake.fail({ on: '/data', status: 500, times: 1_000 });
    expect((await run()).error).toContain('answered 500');
    expect(fake.requests(PIER)).toHaveLength(12);
    expect(fake.requests(WELL)).toHaveLength(4);
  });

  it('keeps the pages that came before a failure, and goes on after them', async () => {
    let pages = 0;
    const { fake, run, rows } = await withReadings(
      { devices: [{ name: 'pier', id: PIER }] },
      {
        // The third page, and its repetitions.
        onAnswer: (url) => {
          pages += url.includes(PIER) ? 1 : 0;
          if (pages === 2) fake.fail({ on: PIER, status: 503, times: 4 });
        },
      },
    );
    fake.switches.pageSeconds = 86_400;
    const first = await run();
    expect(first.undone[0]).toContain('answered 503');
    expect(first.report?.devices).toMatchObject([{ state: 'failed', rows: 48, pages: 2, more: true }]);
    expect(await run()).toMatchObject({ undone: [], error: null });
    expect((await rows(PIER)).map(({ time }) => time)).toEqual(
      every(3_600, 96, () => 0).map(([time]) => time),
    );
  });

  it('fails the run, and nothing is committed, where no device has anything', async () => {
    const { fake, run, files } = await withReadings();
    fake.fail({ on: '/data', status: 400, times: 2 });
    const { error } = await run();
    expect(error).toMatch(/pier .*answered 400.*; well .*answered 400/);
    expect(await files('/hydrovu/**')).toEqual([]);
  });

  it('is told apart from one without news: 404 is fine, and a location that nobody knows is', async () => {
    const { fake, run } = await collectingPond({
      devices: [
        { name: 'pier', id: PIER },
        { name: 'lost', id: '99999999999999999999' },
      ],
    });
    fake.addReadings(PIER, '1', '1', [[BEGIN, 1]]);
    const { undone, report } = await run();
    expect(undone).toEqual([
      'lost (99999999999999999999): there is no location 99999999999999999999; pond run /etc/hydrovu.d/noyo locations shows them',
    ]);
    expect(report?.devices).toMatchObject([{ state: 'appended' }, { state: 'failed' }]);
  });

  it.each([
    ['no JSON', 'not JSON at all', 'answered what is not JSON'],
    ['something else', '{"locationId":1}', 'answered what is not readings of a location'],
  ])('is told what is wrong with an answer that is %s', async (_, body, words) => {
    const { fake, run } = await withReadings();
    fake.fail({ on: PIER, body });
    expect((await run()).undone[0]).toContain(words);
  });

  it('is given up where it names the same next page for ever, or says more than is read', async () => {
    const { fake, run } = await withReadings({ max_answer_mib: 1 });
    fake.fail({ on: PIER, body: `"${'x'.repeat(2 * 1024 * 1024)}"` });
    expect((await run()).undone[0]).toContain('answered more than 1048576 bytes');
    fake.switches.repeatsPage = true;
    fake.addReadings(PIER, '1', '1', [[BEGIN + 97 * 3_600, 1]]);
    expect((await run()).undone[0]).toContain('named a next page that it had named before');
  });
});

describe('signing in', () => {
  it('sends the credentials in a header or in the form, and a wrong secret fails the run at once', async () => {
    const { fake, run, configure } = await withReadings();
    fake.switches.acceptsBody = false;
    expect(await run()).toMatchObject({ error: null });
    fake.switches.acceptsBasic = false;
    const { error } = await run();
    expect(error).toContain(
      'signing in https://fake.test/public-api/oauth/token: answered 401: {"error":"invalid_client"}',
    );
    fake.switches.acceptsBody = true;
    await configure({ sign_in: 'body' });
    expect(await run()).toMatchObject({ error: null });
  });

  it('is done again a minute before a token ends, and once where a request says 401', async () => {
    const { fake, run, rows } = await withReadings({ requests_per_minute: 1 });
    fake.switches.pageSeconds = 86_400;
    // Each request takes a minute: a token that is renewed early never ends within a request.
    fake.switches.expiresIn = 180;
    expect(await run()).toMatchObject({ error: null, undone: [] });
    expect(fake.tokens()).toBeGreaterThan(2);
    expect(await rows(PIER)).toHaveLength(96);
  });

  it('is done again where a token ends on the second page', async () => {
    let pages = 0;
    const { fake, run, rows } = await withReadings(
      {},
      {
        onAnswer: (url) => {
          pages += url.includes(`${PIER}/data`) ? 1 : 0;
          if (pages === 1) fake.fail({ on: PIER, way: 'expire' });
          if (pages === 1) pages += 1;
        },
      },
    );
    fake.switches.pageSeconds = 86_400;
    expect(await run()).toMatchObject({ error: null, undone: [] });
    expect(fake.tokens()).toBe(2);
    expect(await rows(PIER)).toHaveLength(96);
  });
});

describe('what is asked', () => {
  it('is no more than so many requests a minute', async () => {
    const { fake, run } = await withReadings({ requests_per_minute: 2 });
    fake.switches.pageSeconds = 43_200;
    await run();
    const times = fake.requests().map(({ at }) => at);
    for (const [index, at] of times.entries())
      expect(times.slice(index + 1).filter((later) => later - at < 60).length).toBeLessThan(2);
  });

  it('is seen as a span for each request and as requests and bytes, without secrets', async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const { fake, run } = await withReadings({}, { telemetry });
    fake.fail({ on: PIER, status: 500 });
    await run();
    const asked = spans().filter(({ name }) => name === 'http.Request');
    expect(asked.map(({ attributes }) => attributes['request.class'])).toEqual([
      ...['hydrovu.token', 'hydrovu.dictionaries'],
      ...Array.from({ length: asked.length - 2 }, () => 'hydrovu.readings'),
    ]);
    expect(asked.every(({ ended }) => ended)).toBe(true);
    expect(asked.filter(({ failures }) => failures.length > 0)).toMatchObject([
      { attributes: { 'http.response.status_code': 500 } },
    ]);
    expect(metrics()['pond.http.requests']).toBe(asked.length);
    expect(metrics()['pond.http.bytes.received']).toBeGreaterThan(1_000);
    expect(JSON.stringify(spans())).not.toContain('a-secret-of-mine');
  });

  it('says no token and no secret in any error, whatever the server repeats', async () => {
    const { fake, run } = await withReadings();
    await run();
    const [, token = ''] = /Bearer (.*)/.exec(fake.requests(PIER)[0]?.headers.authorization ?? '') ?? [];
    expect(token.length).toBeGreaterThan(10);
    fake.fail({ on: '/data', body: `you said ${token} and a-secret-of-mine`, times: 2 });
    const { error, undone } = await run();
    expect(`${error} ${undone.join()}`).not.toMatch(new RegExp(`${token}|a-secret-of-mine`));
  });
});
