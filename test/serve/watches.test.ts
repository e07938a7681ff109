import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ok } from '../steward/memory-steward.js';
import { otherDevice } from '../support/other-device.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { scheduledPond } from './scheduling.js';

const WATCH = '/etc/watch.d/10-in';
const elsewhere = otherDevice();

const opened: { readonly steward: { readonly close: () => () => Promise<unknown> } }[] = [];
afterEach(async () => {
  for (const { steward } of opened.splice(0)) await steward.close()();
});

/** A pond and a folder beside it that it watches. */
const watching = async (words: object = {}) => {
  const pond = await scheduledPond('2026-11-28T10:00:00Z');
  opened.push(pond);
  const place = temporaryFolder('watched');
  const [folder, done, refused] = ['in', 'done', 'refused'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(folder);
  const configure = (others: object) =>
    pond.entry(WATCH, { factory: 'watch', folder, into: '/in/', settle: '0s', ...others });
  await configure(words);
  return {
    ...pond,
    folder,
    done,
    refused,
    configure,
    put: (name: string, content: string) => {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
    },
    commits: async () =>
      ok(await pond.steward.transactions({ transactionTypes: ['write'] })())
        .filter(({ status, cliArgs }) => status === 'committed' && cliArgs !== null)
        .filter(({ causedBy }) => causedBy.some(({ config_path }) => config_path === WATCH)),
    contents: async (path: string) =>
      ok(
        await pond.steward.read(({ fs }) => async () => {
          const { entries } = ok(await fs.collectMatches(path)());
          const found: Record<string, string> = {};
          for (const entry of entries)
            if (entry.entryType !== 'directory')
              found[entry.path] = Buffer.from(ok(await fs.readBytes(entry.path)())).toString();
          return { _tag: 'Right' as const, right: found };
        })(),
      ),
    watch: async () => ok(await pond.steward.watches()())[0],
  };
};

const PLACES = (place: Awaited<ReturnType<typeof watching>>) => ({
  after: { move: place.done },
  refused: place.refused,
});

describe('files of a watched folder', () => {
  test('arrive once, in one commit, which says by what, and are not taken again', async () => {
    const here = await watching({ pattern: '*.csv' });
    here.put('a.csv', 'a');
    here.put('b.csv', 'b');
    here.put('c.txt', 'not asked for');
    expect(await here.work()).toEqual({ done: 2, failed: 0 });
    expect(await here.contents('/in/**')).toEqual({ '/in/a.csv': 'a', '/in/b.csv': 'b' });
    expect(await here.work()).toEqual({ done: 0, failed: 0 });
    const commits = await here.commits();
    expect(commits).toMatchObject([{ causedBy: [{ task: null, config_path: WATCH }] }]);
    expect((await here.watch())?.batches).toMatchObject([
      { txnSeq: commits[0]?.txnSeq, taken: 2, unchanged: 0, refused: 0 },
    ]);
    expect(readdirSync(here.folder).sort()).toEqual(['a.csv', 'b.csv', 'c.txt']);
  });

  test('that change arrive again, those that are only touched do not, and what is there is unchanged', async () => {
    const here = await watching();
    here.put('a', 'one');
    await here.work();
    here.put('a', 'another');
    await here.work();
    utimesSync(join(here.folder, 'a'), 1, 2);
    await here.work();
    expect(await here.contents('/in/**')).toEqual({ '/in/a': 'another' });
    expect(await here.commits()).toHaveLength(2);
    expect((await here.watch())?.batches.map(({ taken, unchanged }) => [taken, unchanged])).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  test('that are hidden, or named as what is not whole, or no regular files, are left alone', async () => {
    const here = await watching({ pattern: '**/*' });
    for (const name of ['.hidden', 'a.part', 'b.tmp', 'c~', '.git/config', 'd.csv.filepart'])
      here.put(name, 'x');
    here.put('below/e', 'e');
    symlinkSync('/etc/passwd', join(here.folder, 'link'));
    await here.work();
    expect(await here.contents('/in/**')).toEqual({ '/in/below/e': 'e' });
    expect(here.lines.filter(({ event }) => event === 'file_passed_over')).toHaveLength(1);
  });

  test('that came while nobody watched are found, also after the control table was lost, which doubles nothing', async () => {
    const here = await watching();
    here.put('a', 'a');
    await here.work();
    await here.steward.close()();
    for (const name of readdirSync(join(here.directory, 'control')))
      if (name.startsWith('control.db'))
        renameSync(join(here.directory, 'control', name), `${here.directory}.${name}`);
    ok(await here.program().rebuildControl(here.directory, here.opening)());
    here.put('b', 'b');
    expect(await here.work()).toEqual({ done: 1, failed: 0 });
    const steward = ok(await here.program().open(here.directory, here.opening)());
    const found = ok(await steward.read(({ fs }) => fs.versions('/in/a'))());
    expect(found).toHaveLength(1);
    await steward.close()();
  });

  test('are moved or deleted after their commit, over nothing that is there', async () => {
    const here = await watching();
    await here.configure(PLACES(here));
    here.put('a', 'first');
    await here.work();
    here.put('a', 'second');
    await here.work();
    expect(readdirSync(here.folder)).toEqual([]);
    expect(readdirSync(here.done).sort()).toEqual(['a', 'a~2']);
    expect(readFileSync(join(here.done, 'a~2'), 'utf8')).toBe('second');
    await here.configure({ after: 'delete' });
    here.put('a', 'third');
    await here.work();
    here.put('a', 'third');
    await here.work();
    expect(readdirSync(here.folder)).toEqual([]);
    expect(await here.contents('/in/**')).toEqual({ '/in/a': 'third' });
    expect(await here.commits()).toHaveLength(3);
  });

  test.skipIf(elsewhere === null)(
    'are moved to another device with their times, over nothing that is there',
    async () => {
      const other = mkdtempSync(join(elsewhere ?? '', 'pond-watched-'));
      try {
        const here = await watching();
        await here.configure({ after: { move: other } });
        for (const content of ['first', 'second']) {
          here.put('a', content);
          utimesSync(join(here.folder, 'a'), 1_000, 1_000);
          await here.work();
        }
        expect(readdirSync(here.folder)).toEqual([]);
        expect(readdirSync(other).sort()).toEqual(['a', 'a~2']);
        expect(readFileSync(join(other, 'a~2'), 'utf8')).toBe('second');
        expect(statSync(join(other, 'a~2')).mtimeMs).toBe(1_000_000);
      } finally {
        rmSync(other, { recursive: true });
      }
    },
  );

  test('are not taken in while another user could exchange the folder, which is said', async () => {
    const here = await watching();
    here.put('a', 'a');
    chmodSync(dirname(here.folder), 0o777);
    expect(await here.work()).toEqual({ done: 0, failed: 0 });
    expect((await here.watch())?.problem?.message).toContain(dirname(here.folder));
    expect(await here.commits()).toEqual([]);
    chmodSync(dirname(here.folder), 0o755);
    expect(await here.work()).toEqual({ done: 1, failed: 0 });
  });
});

describe('what a gate refuses', () => {
  const gate = {
    factory: 'validate',
    condition: { path_pattern: '/in/*' },
    config: { columns: [{ name: 'n', type: 'integer', required: true }] },
  };

  test('goes to its place with the reason beside it, and the others of the batch arrive', async () => {
    const here = await watching();
    await here.configure(PLACES(here));
    await here.entry('/etc/gate.d/10-check', gate);
    for (const name of ['a', 'b', 'c', 'd', 'e']) here.put(`${name}.csv`, name === 'c' ? 'n\nx\n' : 'n\n1\n');
    expect(await here.work()).toEqual({ done: 5, failed: 1 });
    expect(Object.keys(await here.contents('/in/**'))).toEqual(
      ['a', 'b', 'd', 'e'].map((name) => `/in/${name}.csv`),
    );
    expect(readdirSync(here.folder)).toEqual([]);
    expect(readdirSync(here.refused).sort()).toEqual(['c.csv', 'c.csv.reason.txt']);
    expect(readFileSync(join(here.refused, 'c.csv.reason.txt'), 'utf8')).toContain('/etc/gate.d/10-check');
    expect(await here.commits()).toHaveLength(1);
    const watch = await here.watch();
    expect(watch?.refused).toMatchObject([
      { path: join(here.folder, 'c.csv'), aside: join(here.refused, 'c.csv') },
    ]);
    expect(watch?.batches).toMatchObject([{ taken: 4, refused: 1 }]);
  });

  test('stays where it is where no place is named, is not tried again until it changes, and then arrives', async () => {
    const here = await watching();
    await here.entry('/etc/gate.d/10-check', gate);
    here.put('a.csv', 'n\nx\n');
    expect(await here.work()).toEqual({ done: 1, failed: 1 });
    expect(await here.work()).toEqual({ done: 0, failed: 0 });
    here.put('a.csv', 'n\n12\n');
    expect(await here.work()).toEqual({ done: 1, failed: 0 });
    expect(await here.contents('/in/**')).toEqual({ '/in/a.csv': 'n\n12\n' });
    expect((await here.watch())?.refused).toEqual([]);
  });
});

describe('many that are refused', () => {
  /** Writes that the pond tried, the refused ones included. */
  const writes = async ({ steward }: Awaited<ReturnType<typeof watching>>) =>
    ok(await steward.transactions({ transactionTypes: ['write'], limit: 10_000 })()).length;

  test('because they cannot go where they are to go keep none of the others from arriving in the same commit', async () => {
    const here = await watching({ pattern: '**/*' });
    for (let number = 0; number < 25; number += 1) {
      here.put(`dir${number}`, `a file ${number}`);
      here.put(`new/file${number}`, `another ${number}`);
    }
    ok(
      await here.steward.write(({ fs }) => async () => {
        for (let number = 0; number < 25; number += 1) ok(await fs.mkdirAll(`/in/dir${number}`)());
        return { _tag: 'Right', right: undefined };
      })(),
    );
    const before = await writes(here);
    expect(await here.work()).toEqual({ done: 50, failed: 25 });
    expect((await writes(here)) - before).toBe(1);
    expect(Object.keys(await here.contents('/in/new/*'))).toHaveLength(25);
  });

  test('leave no directory behind that was made for them', async () => {
    const here = await watching({ into: '/pier/below/', as: 'series', time_column: 'when' });
    here.put('a.csv', 'time,t\n2026-01-01T00:00:00Z,1\n');
    expect(await here.work()).toEqual({ done: 1, failed: 1 });
    expect(await here.commits()).toHaveLength(0);
    expect(ok(await here.steward.read(({ fs }) => fs.collectMatches('/pier/**'))()).entries).toEqual([]);
  });

  test('by a gate that names one of them at a time take twice as many transactions, not their square', async () => {
    const here = await watching();
    await here.configure(PLACES(here));
    const names = Array.from({ length: 32 }, (_, at) => `f${String(at).padStart(2, '0')}.csv`);
    for (const name of names) here.put(name, name < 'f24' ? 'n\nx\n' : 'n\n1\n');
    await here.entry('/etc/gate.d/10-first', { factory: 'first' });
    const before = await writes(here);
    expect(await here.work()).toEqual({ done: 32, failed: 24 });
    expect(Object.keys(await here.contents('/in/*'))).toHaveLength(8);
    expect((await writes(here)) - before).toBeLessThan(2 * 24 + 8);
  });
});

test('a batch whose writing takes long goes on in another commit, and lets others write between', async () => {
  const here = await watching();
  for (let number = 0; number < 5; number += 1) here.put(`f${number}`, `content ${number}`);
  let passed = 0;
  const slow = here.program(({ clock }) => ({
    clock: {
      ...clock,
      monotonicMs: () => {
        passed += 700;
        return passed;
      },
    },
  }));
  const signal = new AbortController().signal;
  expect(ok(await slow.work([here.directory], here.opening, { signal })())).toEqual({ done: 5, failed: 0 });
  expect(Object.keys(await here.contents('/in/*'))).toHaveLength(5);
  expect((await here.commits()).length).toBeGreaterThan(1);
  expect((await here.watch())?.batches).toMatchObject([{ taken: 5 }]);
});

test('what has been read for long enough arrives before the others are read, too', async () => {
  const here = await watching({ as: 'table' });
  for (let number = 0; number < 7; number += 1) here.put(`f${number}.csv`, `n\n${number}\n`);
  let passed = 0;
  const slow = here.program(({ clock }) => ({
    clock: {
      ...clock,
      monotonicMs: () => {
        passed += 4_000;
        return passed;
      },
    },
  }));
  const signal = new AbortController().signal;
  expect(ok(await slow.work([here.directory], here.opening, { signal })())).toEqual({ done: 7, failed: 0 });
  const batches = (await here.watch())?.batches ?? [];
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.reduce((sum, { taken }) => sum + taken, 0)).toBe(7);
  const found = ok(await here.steward.query("SELECT sum(n)::INTEGER FROM '/in/*.parquet'")());
  expect(found.rows).toEqual([[21]]);
});

test('what waits in a folder when a pond begins to be served is there before a schedule judges that it is not', async () => {
  const here = await watching({ settle: '5s' });
  await here.entry('/etc/schedule.d/20-fresh', { factory: 'watch', schedule: '* * * * *', timezone: 'UTC' });
  here.put('a', 'it has come');
  await here.advance(120_000);
  const stop = new AbortController();
  const served = here.program().serve([here.directory], here.opening, {
    signal: stop.signal,
    http: null,
    onReady: () => undefined,
  })();
  // As long as nothing settles nothing is judged, however often it is looked at what is due.
  for (let look = 0; here.ran.length === 0 && look < 100; look += 1) {
    expect(ok(await here.steward.schedules()())).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let turn = 0; here.ran.length === 0 && turn < 10_000; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await here.advance(100);
  }
  const [commit] = await here.commits();
  expect(here.ran[0]?.txnSeq).toBe(commit?.txnSeq);
  stop.abort();
  await served;
});

describe('rows', () => {
  test('are appended to a series, or make tables, and what has none is refused with the line', async () => {
    const here = await watching({ into: '/pier', as: 'series', unique: ['time'] });
    here.put('a.csv', 'time,t\n2026-01-01T00:00:00Z,1.5\n');
    here.put('b.csv.part', 'time');
    await here.work();
    here.put('b.csv', 'time,t\n2026-01-01T01:00:00Z,2.5\n');
    here.put('c.csv', 'time,t\n2026-01-01T00:00:00Z,1\n1,2,3\n');
    here.put('d.png', 'x');
    expect(await here.work()).toEqual({ done: 3, failed: 2 });
    const rows = ok(await here.steward.query(`SELECT t FROM '/pier' ORDER BY time`)());
    expect(rows.rows).toEqual([[1.5], [2.5]]);
    const reasons = (await here.watch())?.refused.map(({ reason }) => reason) ?? [];
    expect(reasons.some((reason) => /^line \d/.test(reason ?? ''))).toBe(true);
    expect(reasons.some((reason) => reason?.includes('does not say how its rows are written'))).toBe(true);
  });
});

test('a folder is watched on the machine that its entry names, and on no other', async () => {
  const here = await watching({ host: 'another-machine' });
  here.put('a', 'one');
  expect(await here.work()).toEqual({ done: 0, failed: 0 });
  expect(ok(await here.steward.previewWatches()())).toMatchObject([
    { problem: 'its folder is on another-machine, and is watched there', waiting: [] },
  ]);
  await here.configure({ host: hostname() });
  expect(await here.work()).toEqual({ done: 1, failed: 0 });
});

describe('a folder that cannot be looked at', () => {
  test('is named once when that begins and once when it is over, over restarts, and status says it', async () => {
    const here = await watching();
    renameSync(here.folder, `${here.folder}.away`);
    await here.work();
    await here.work();
    expect((await here.watch())?.problem).toMatchObject({ message: `${here.folder} is not there` });
    renameSync(`${here.folder}.away`, here.folder);
    await here.work();
    await here.work();
    const said = here.lines.flatMap(({ event }) => (/^watch_/.test(event) ? [event] : []));
    expect(said).toEqual(['watch_failed', 'watch_recovered']);
    expect((await here.watch())?.problem).toBeNull();
  });
});

test('a folder that was removed and made again is watched again, and not only looked at now and then', async () => {
  const here = await watching();
  const asked: string[] = [];
  let ended = 0;
  const program = here.program(() => ({
    watch: {
      watch: (directory) => {
        asked.push(directory);
        return () => {
          ended += 1;
        };
      },
    },
  }));
  const stop = new AbortController();
  const served = program.serve([here.directory], here.opening, {
    signal: stop.signal,
    http: null,
    onReady: () => undefined,
  })();
  const arrived = async (name: string) => {
    for (let turn = 0; turn < 10_000; turn += 1) {
      if (`/in/${name}` in (await here.contents('/in/*'))) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
      await here.advance(1_000);
    }
    throw new Error(`${name} has not arrived`);
  };
  here.put('a', 'before');
  await arrived('a');
  const before = asked.filter((directory) => directory === here.folder).length;
  expect(before).toBe(1);
  // Another directory takes its place between two looks.
  renameSync(here.folder, `${here.folder}-before`);
  here.put('b', 'after');
  await arrived('b');
  expect(asked.filter((directory) => directory === here.folder)).toHaveLength(2);
  expect(ended).toBeGreaterThanOrEqual(1);
  stop.abort();
  await served;
});

test('a file that is still being written settles first, by the clock that never jumps', async () => {
  const here = await watching({ settle: '5s' });
  here.put('a', 'half');
  const stop = new AbortController();
  const served = here.work(stop.signal);
  for (let step = 0; step < 3; step++) {
    await here.advance(4_000);
    here.put('a', `half${'.'.repeat(step + 1)}`);
  }
  for (let step = 0; step < 40; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    await here.advance(1_000);
  }
  await served;
  expect(Object.values(await here.contents('/in/**')).filter((text) => text === 'half')).toEqual([]);
});

test('what two serve at once arrives once', async () => {
  const here = await watching();
  await here.configure(PLACES(here));
  for (let number = 0; number < 20; number++) here.put(`f${number}`, `content ${number}`);
  const worked = await Promise.all([here.work(), here.work(), here.work()]);
  expect(worked.reduce((sum, { done }) => sum + done, 0)).toBe(20);
  expect(Object.keys(await here.contents('/in/**'))).toHaveLength(20);
  expect(readdirSync(here.done)).toHaveLength(20);
  expect(existsSync(here.refused)).toBe(false);
});
