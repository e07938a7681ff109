import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/logging/silent-logger.js';
import { livePorts } from '../../src/live-ports.js';
import { evictCopies } from '../../src/shared-table/evict.js';
import { tableLayout } from '../../src/tlogfs/table-layout.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createWorld, entryKeyOf, pathsOf, put, textOf, versionsIn, type World } from './world.js';

const FOREIGN = {
  commitInfo: { timestamp: 1, operation: 'OPTIMIZE', engineInfo: 'delta-rs', operationParameters: {} },
};
const encoded = (...lines: readonly object[]) =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const madeWorld = async (name: string): Promise<World> => {
  const world = createWorld(temporaryFolder(`shared-${name}`));
  await world.init();
  return world;
};

const isEntry = (key: string): boolean => /^_delta_log\/\d{20}\.json$/.test(key);

/** A place in a body at which it waits until the test lets it go on. */
const meeting = () => {
  let arrived: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const isThere = new Promise<void>((resolve) => (arrived = resolve));
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  return {
    arrived: isThere,
    arrive: () => {
      arrived();
      return mayGoOn;
    },
    goOn: () => goOn(),
  };
};

describe('a commit to a store', () => {
  it('lands once where the answer to its log entry gets lost', async () => {
    const world = await madeWorld('lost');
    const pond = await world.open('one');
    let lost = 0;
    world.fail(({ call, key }) => (call === 'put' && isEntry(key) && lost++ === 0 ? 'lost' : null));
    await expect(put(pond, '/a.txt')).resolves.toMatchObject({ txnSeq: 2, dataFsVersion: 1 });
    expect(lost).toBeGreaterThan(0);
    expect(versionsIn(world.store)).toEqual([0, 1]);
    await pond.close();
  });

  it('is neither taken for failed nor for done while the store does not say, and is found out by the next writer', async () => {
    const world = await madeWorld('unclear');
    const pond = await world.open('one');
    let isDown = false;
    world.fail(({ call, key }) => {
      if (isDown) return 'unreached';
      if (call === 'put' && isEntry(key)) {
        isDown = true;
        return 'lost';
      }
      return null;
    });
    await expect(put(pond, '/a.txt')).rejects.toMatchObject({ _tag: 'CommitUnclear' });
    const [open] = await pond.transactions({ limit: 1 });
    expect(open).toMatchObject({ status: 'incomplete' });
    world.fail(null);
    await put(pond, '/b.txt');
    expect(await pathsOf(pond)).toEqual(['/a.txt', '/b.txt']);
    const recorded = await pond.transactions({ transactionTypes: ['write'] });
    expect(recorded.map(({ status }) => status)).toEqual(['committed', 'committed', 'committed']);
    await pond.close();
  });

  it('that never arrived cannot land after it is recorded as failed', async () => {
    const world = await madeWorld('late');
    const pond = await world.open('one');
    world.fail(({ call, key }) => (call === 'put' && isEntry(key) ? 'unreached' : null));
    await expect(put(pond, '/a.txt')).rejects.toMatchObject({ _tag: 'CommitUnclear' });
    world.fail(null);
    expect(versionsIn(world.store)).toEqual([0]);
    const other = await world.open('two');
    await put(other, '/b.txt');
    // The version that it was to become is taken by an entry that says nothing.
    expect(versionsIn(world.store)).toEqual([0, 1, 2]);
    expect(Buffer.from(world.store.objects.get(entryKeyOf(1)) ?? []).toString()).toContain('FENCE');
    const late = await world.store.put(
      { key: entryKeyOf(1), content: Buffer.from('late'), condition: { _tag: 'Absent' } },
      new AbortController().signal,
    )();
    expect(late).toMatchObject({ _tag: 'Left', left: { _tag: 'ConditionFailed' } });
    const recorded = await other.transactions({ transactionTypes: ['write'] });
    expect(recorded.map(({ status }) => status)).toEqual(['committed', 'failed', 'committed']);
    expect(await pathsOf(pond)).toEqual(['/b.txt']);
    await pond.close();
    await other.close();
  });

  it('is made again by its body where somebody without the lock was faster', async () => {
    const world = await madeWorld('race');
    const [one, two] = [await world.open('one'), await world.open('two')];
    world.loseLocks();
    let runs = 0;
    const meanwhile = meeting();
    const write = one.write(async ({ fs }) => {
      runs += 1;
      if (runs === 1) await meanwhile.arrive();
      await fs.write(`/one-${(await fs.collectMatches('/*.txt')).entries.length}.txt`, Buffer.from('1'));
    });
    await meanwhile.arrived;
    await put(two, '/two.txt');
    meanwhile.goOn();
    await write;
    expect(runs).toBe(2);
    expect(await pathsOf(two)).toEqual(['/one-1.txt', '/two.txt']);
    await one.close();
    await two.close();
  });

  it('is a conflict, and changes nothing, where its body cannot be run again', async () => {
    const world = await madeWorld('conflict');
    const [one, two] = [await world.open('one'), await world.open('two')];
    world.loseLocks();
    const meanwhile = meeting();
    const write = one.write(
      async ({ fs }) => {
        await meanwhile.arrive();
        await fs.write('/one.txt', Buffer.from('1'));
      },
      { repeatable: false },
    );
    await meanwhile.arrived;
    await put(two, '/two.txt');
    meanwhile.goOn();
    await expect(write).rejects.toMatchObject({ _tag: 'Conflict' });
    expect(await pathsOf(two)).toEqual(['/two.txt']);
    expect([...world.store.objects.keys()].filter((key) => key.startsWith('part-'))).toHaveLength(2);
    await one.close();
    await two.close();
  });

  it('repeats only its log entry where another engine has put files together', async () => {
    const world = await madeWorld('compaction');
    const pond = await world.open('one');
    let runs = 0;
    await pond.write(async ({ fs }) => {
      runs += 1;
      world.store.objects.set(entryKeyOf(1), encoded(FOREIGN));
      await fs.write('/a.txt', Buffer.from('a'));
    });
    expect(runs).toBe(1);
    expect(versionsIn(world.store)).toEqual([0, 1, 2]);
    expect(await pathsOf(pond)).toEqual(['/a.txt']);
    const kinds = (await pond.records({ txnSeq: 2 })).map(({ recordType, dataFsVersion }) => [
      recordType,
      dataFsVersion,
    ]);
    expect(kinds.slice(0, 3)).toEqual([
      ['begin', 1],
      ['intended', 2],
      ['data_committed', 2],
    ]);
    await put(pond, '/b.txt');
    const other = await world.open('two');
    expect(await pathsOf(other)).toEqual(['/a.txt', '/b.txt']);
    await pond.close();
    await other.close();
  });

  it('is made again where another engine has changed rows', async () => {
    const world = await madeWorld('foreign-change');
    const pond = await world.open('one');
    let runs = 0;
    await pond.write(async ({ fs }) => {
      runs += 1;
      if (runs === 1)
        world.store.objects.set(entryKeyOf(1), encoded(FOREIGN, { txn: { appId: 'other', version: 7 } }));
      await fs.write('/a.txt', Buffer.from('a'));
    });
    expect(runs).toBe(2);
    await pond.close();
  });
});

describe('a store that is slow, or whose requests come twice', () => {
  it('takes each commit once, whichever of its requests is sent twice on the way', async () => {
    const world = await madeWorld('doubled');
    const pond = await world.open('one');
    world.fail(({ call }) => (call === 'put' ? 'doubled' : null));
    const landed = [];
    for (const path of ['/a.txt', '/b.txt', '/c.txt']) landed.push(await put(pond, path));
    expect(landed).toMatchObject([{ txnSeq: 2 }, { txnSeq: 3 }, { txnSeq: 4 }]);
    expect(versionsIn(world.store)).toEqual([0, 1, 2, 3]);
    world.fail(null);
    expect(await pathsOf(pond)).toEqual(['/a.txt', '/b.txt', '/c.txt']);
    await pond.close();
  });

  it('says that nobody knows where an entry comes twice and cannot be read: the next writer finds that it has landed', async () => {
    const world = await madeWorld('doubled-unread');
    const pond = await world.open('one');
    world.fail(({ call, key }) => {
      if (!isEntry(key)) return null;
      return call === 'put' ? 'doubled' : call === 'get' ? 'unreached' : null;
    });
    await expect(put(pond, '/a.txt')).rejects.toMatchObject({ _tag: 'CommitUnclear' });
    world.fail(null);
    await put(pond, '/b.txt');
    expect(await pathsOf(pond)).toEqual(['/a.txt', '/b.txt']);
    await pond.close();
  });

  it('is waited for, whichever request is slow', async () => {
    const world = await madeWorld('slow');
    const pond = await world.open('one');
    world.fail(({ count }) => (count % 2 === 0 ? 'slow' : null));
    for (const path of ['/a.txt', '/b.txt', '/c.txt']) await put(pond, path);
    expect(await pathsOf(pond)).toEqual(['/a.txt', '/b.txt', '/c.txt']);
    await pond.close();
  });

  it('that answers nothing is asked again, and the commit lands once; where it goes on so, nobody says that it has not', async () => {
    const world = await madeWorld('stalled');
    world.letDeadlinesCome();
    const pond = await world.open('one');
    let stalled = 0;
    world.fail(({ call, key }) => (call === 'put' && isEntry(key) && stalled++ === 0 ? 'stall' : null));
    await expect(put(pond, '/a.txt')).resolves.toMatchObject({ txnSeq: 2, dataFsVersion: 1 });
    world.fail(({ call, key }) => (call === 'put' && isEntry(key) ? 'stall' : null));
    await expect(put(pond, '/b.txt')).rejects.toMatchObject({ _tag: 'CommitUnclear' });
    world.fail(null);
    await put(pond, '/c.txt');
    expect(await pathsOf(pond)).toEqual(['/a.txt', '/c.txt']);
    await pond.close();
  });
});

it('commits of machines whose clocks are two hours apart land one after the other, and none is taken for dead or thrown away', async () => {
  const world = await madeWorld('clocks');
  const ahead = await world.open('ahead', { clockAheadMs: 3_600_000 });
  const behind = await world.open('behind', { clockAheadMs: -3_600_000 });
  const expected: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const [name, pond] of [
      ['ahead', ahead],
      ['behind', behind],
    ] as const) {
      expected.push(`/${name}-${round}.txt`);
      await put(pond, `/${name}-${round}.txt`);
    }
  }
  await ahead.maintain();
  await behind.maintain();
  expect(await pathsOf(ahead)).toEqual([...expected].sort());
  expect(await pathsOf(behind)).toEqual([...expected].sort());
  const recorded = await behind.transactions({ transactionTypes: ['write'] });
  expect(recorded.map(({ txnSeq }) => txnSeq)).toEqual([...recorded.keys()].map((index) => 13 - index));
  expect(recorded.every(({ status }) => status === 'committed')).toBe(true);
  const { findings } = await ahead.fsck();
  expect(findings).toEqual([]);
  await ahead.close();
  await behind.close();
});

describe('copies', () => {
  it('on a full disk: a write says so and leaves nothing, a read says so, and what has landed is not taken back', async () => {
    const world = await madeWorld('full');
    const pond = await world.open('one');
    await pond.write(({ fs }) => fs.write('/large.txt', Buffer.alloc(100_000, 'x')));
    const other = await world.open('two');
    world.failWrites('ENOSPC');
    const versions = versionsIn(world.store);
    async function* read() {
      yield Buffer.alloc(100_000, 'y');
    }
    const large = pond.write(({ fs }) => fs.write('/more.txt', read()));
    await expect(large).rejects.toMatchObject({ _tag: 'StorageFailed', error: { code: 'ENOSPC' } });
    await expect(textOf(other, '/large.txt')).rejects.toMatchObject({
      _tag: 'StorageFailed',
      error: { code: 'ENOSPC' },
    });
    expect(versionsIn(world.store)).toEqual(versions);
    // What needs no room on this disk lands.
    await put(pond, '/small.txt');
    await pond.write(({ fs }) => fs.write('/held.txt', Buffer.alloc(100_000, 'z')));
    await expect(textOf(pond, '/held.txt')).rejects.toMatchObject({ error: { code: 'ENOSPC' } });
    world.failWrites(null);
    for (const there of [pond, other]) expect(await textOf(there, '/held.txt')).toBe('z'.repeat(100_000));
    expect(await textOf(other, '/large.txt')).toHaveLength(100_000);
    expect(await pathsOf(other)).toEqual(['/held.txt', '/large.txt', '/small.txt']);
    await pond.close();
    await other.close();
  });

  it('take no more than they may: the oldest go, and come again when they are wanted', async () => {
    const folder = temporaryFolder('shared-evict');
    const { files } = livePorts(silentLogger);
    const layout = tableLayout(folder);
    const now = Date.now();
    const made = [...Array(8).keys()].map((index) => {
      const digest = String(index).repeat(64);
      const path = layout.blob(digest);
      mkdirSync(layout.blobDir(digest), { recursive: true });
      writeFileSync(path, Buffer.alloc(1000));
      // The last two were fetched a moment ago.
      const seconds = now / 1000 - (index < 6 ? 7200 - index * 60 : 0);
      utimesSync(path, seconds, seconds);
      return path;
    });
    writeFileSync(`${folder}/other.txt`, Buffer.alloc(5000));
    evictCopies({ files, dataDir: folder, now: () => now }, 5000);
    expect(made.map((path) => existsSync(path))).toEqual([...Array(4).fill(false), ...Array(4).fill(true)]);
    evictCopies({ files, dataDir: folder, now: () => now }, 100);
    expect(made.map((path) => existsSync(path))).toEqual([...Array(6).fill(false), true, true]);
    expect(existsSync(`${folder}/other.txt`)).toBe(true);
  });

  it('may be deleted while the pond is open', async () => {
    const world = await madeWorld('deleted');
    const pond = await world.open('one');
    await put(pond, '/a.txt', 'one');
    await pond.write(({ fs }) => fs.write('/large.txt', Buffer.alloc(100_000, 'x')));
    rmSync(`${world.folder}/one`, { recursive: true });
    expect(await textOf(pond, '/a.txt')).toBe('one');
    expect(await textOf(pond, '/large.txt')).toHaveLength(100_000);
    await pond.close();
    const again = await world.open('one');
    expect(await pathsOf(again)).toEqual(['/a.txt', '/large.txt']);
    await again.close();
  });

  it('may be deleted at the very moment at which one of them is fetched', async () => {
    const world = await madeWorld('deleted-meanwhile');
    const pond = await world.open('one');
    await put(pond, '/a.txt', 'one');
    await pond.write(({ fs }) => fs.write('/large.txt', Buffer.alloc(100_000, 'x')));
    await pond.close();
    for (const wanted of [/^_blobs\//, /\.parquet$/]) {
      const other = await world.open('two');
      let times = 0;
      world.fail(({ call, key }) => {
        if (call === 'get' && wanted.test(key) && times < 3) {
          times += 1;
          rmSync(`${world.folder}/two`, { recursive: true, force: true });
        }
        return null;
      });
      expect(await textOf(other, '/large.txt')).toHaveLength(100_000);
      expect(await textOf(other, '/a.txt')).toBe('one');
      expect(times).toBe(3);
      world.fail(null);
      await other.close();
      rmSync(`${world.folder}/two`, { recursive: true, force: true });
    }
  });

  it('may be deleted at the very moment at which a directory for one of them is made', async () => {
    const world = await madeWorld('deleted-at-once');
    const pond = await world.open('one');
    await pond.write(({ fs }) => fs.write('/large.txt', Buffer.alloc(100_000, 'x')));
    await pond.close();
    const other = await world.open('two');
    let asked = 0;
    world.fail(({ call, key }) => {
      if (call === 'head' && key.startsWith('_blobs/') && asked++ === 0) world.failDirectories(3);
      return null;
    });
    expect(await textOf(other, '/large.txt')).toHaveLength(100_000);
    expect(asked).toBe(1);
    await other.close();
  });

  it('that a power loss has left empty, or half, are fetched again', async () => {
    const world = await madeWorld('half');
    const pond = await world.open('one');
    for (let turn = 0; turn < 30; turn += 1) await put(pond, `/${turn}.txt`, String(turn));
    await pond.close();
    const which = [/\.(json|parquet)$/, /_delta_log\/0{18}[01]\d\.json$/];
    const left = [() => 0, (size: number) => size >> 1];
    for (const [wanted, bytesOf] of which.flatMap((one) => left.map((two) => [one, two] as const))) {
      const damaged = readdirSync(`${world.folder}/one`, { recursive: true, encoding: 'utf8' })
        .filter((path) => wanted.test(path))
        .map((path) => `${world.folder}/one/${path}`);
      expect(damaged.length).toBeGreaterThan(5);
      for (const path of damaged) truncateSync(path, bytesOf(statSync(path).size));
      const again = await world.open('one');
      expect(await textOf(again, '/3.txt')).toBe('3');
      await expect(again.read(({ fs }) => fs.readBytes('/20.txt'), { at: 12 })).rejects.toMatchObject({
        _tag: 'PathNotFound',
      });
      expect(await textOf(again, '/29.txt')).toBe('29');
      const { txnSeq, changes } = await again.plan(7);
      expect([txnSeq, changes.map(({ path }) => path)]).toEqual([7, ['/5.txt']]);
      await again.close();
    }
  });

  it('are those of what the store says: damage there is told, and not given out', async () => {
    const world = await madeWorld('damaged');
    const pond = await world.open('one');
    await pond.write(({ fs }) => fs.write('/large.txt', Buffer.alloc(100_000, 'x')));
    const key = [...world.store.objects.keys()].find((name) => name.startsWith('_blobs/')) ?? '';
    world.store.objects.set(key, Buffer.alloc(100_000, 'y'));
    const other = await world.open('two');
    await expect(textOf(other, '/large.txt')).rejects.toMatchObject({ _tag: 'CorruptData' });
    await other.close();
    await pond.close();
  });

  it('are of the pond that lies there now, where another one was made in its place', async () => {
    const world = await madeWorld('replaced');
    const pond = await world.open('one');
    await put(pond, '/old.txt');
    await pond.close();
    world.store.objects.clear();
    rmSync(`${world.folder}/control`, { recursive: true });
    await world.init();
    const again = await world.open('one');
    expect(await pathsOf(again)).toEqual([]);
    await again.close();
  });
});

describe('requests', () => {
  it('a warm reader makes one', async () => {
    const world = await madeWorld('warm');
    const pond = await world.open('one');
    await put(pond, '/a.txt');
    await textOf(pond, '/a.txt');
    const made = await world.requestsOf(() => textOf(pond, '/a.txt'));
    expect(made.map(({ call }) => call)).toEqual(['list']);
    await pond.close();
  });

  it('a commit makes one question and two puts', async () => {
    const world = await madeWorld('commit');
    const pond = await world.open('one');
    await put(pond, '/a.txt');
    const made = await world.requestsOf(() => put(pond, '/b.txt'));
    expect(made.map(({ call }) => call).sort()).toEqual(['list', 'put', 'put']);
    await pond.close();
  });

  it('what a commit has sent is read again, at once, without any', async () => {
    const world = await madeWorld('sent');
    const pond = await world.open('one');
    await put(pond, '/a.txt');
    const content = Buffer.alloc(100_000, 'x');
    const written = await world.requestsOf(() =>
      pond.write(async ({ fs }) => {
        await fs.write('/large.bin', content);
        // Whoever changes the bytes that were handed over changes nothing of what was written.
        content.fill('y');
        expect(Buffer.from(await fs.readBytes('/large.bin')).toString()).toBe('x'.repeat(100_000));
      }),
    );
    expect(written.map(({ call }) => call).sort()).toEqual(['list', 'put', 'put', 'put']);
    const made = await world.requestsOf(async () => {
      expect(await textOf(pond, '/large.bin')).toBe('x'.repeat(100_000));
    });
    expect(made.filter(({ call }) => call !== 'list')).toEqual([]);
    await pond.write(({ fs }) => fs.write('/other.bin', Buffer.alloc(100_000, 'z')));
    await pond.close();
    // Closing waits for the copies, so that another process has them.
    const again = await world.open('one');
    const asked = await world.requestsOf(async () => {
      expect(await textOf(again, '/other.bin')).toBe('z'.repeat(100_000));
    });
    expect(asked.filter(({ call }) => call !== 'list')).toEqual([]);
    await again.close();
  });

  it('opening makes no more than twenty, however many commits there are', async () => {
    const world = await madeWorld('opening');
    const pond = await world.open('one');
    for (let count = 0; count < 35; count += 1) await put(pond, `/f${count}.txt`);
    await pond.close();
    const made = await world.requestsOf(async () => {
      const other = await world.open('two');
      expect(await textOf(other, '/f7.txt')).toBe('/f7.txt');
      await other.close();
    });
    expect(made.length).toBeLessThanOrEqual(20);
  });
});

describe('making a pond in a store', () => {
  it('is refused where the store ignores conditions', async () => {
    const world = createWorld(temporaryFolder('shared-ignores'), { ignoresConditions: true });
    await expect(world.init()).rejects.toMatchObject({ _tag: 'ConditionsIgnored' });
  });

  it('may be repeated after it was interrupted at any request', async () => {
    // The probe's requests are the first seventeen.
    for (let stopped = 16; ; stopped += 1) {
      const world = createWorld(temporaryFolder(`shared-init-${stopped}`));
      let count = 0;
      world.fail(() => (++count >= stopped ? 'denied' : null));
      const outcome = await world.init().then(
        () => 'made',
        () => 'failed',
      );
      world.fail(null);
      if (outcome === 'made') break;
      if (!world.store.objects.has(entryKeyOf(0))) await world.init();
      const pond = await world.open('one', { control: `file://${world.folder}/control` });
      await put(pond, '/a.txt');
      expect(await pathsOf(pond)).toEqual(['/a.txt']);
      await pond.close();
    }
  });

  it('asks the control table that the store names only where this user has approved or named it', async () => {
    const world = await madeWorld('approval');
    const file = JSON.parse(Buffer.from(world.store.objects.get('_pond.json') ?? []).toString());
    world.store.objects.set(
      '_pond.json',
      Buffer.from(JSON.stringify({ ...file, control: `file://${world.folder}/other` })),
    );
    await expect(world.open('one')).rejects.toMatchObject({ _tag: 'NotTrusted', error: { what: 'control' } });
    const named = await world.open('one', { control: `file://${world.folder}/control` });
    await named.close();
  });
});
