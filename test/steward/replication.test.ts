import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { recordingLogger } from '../../src/adapters/memory/recording-logger.js';
import { settableClock } from '../../src/adapters/memory/settable-clock.js';
import { createMemoryPond, type MemoryPond } from '../../src/memory-pond.js';

const entry = (name: string, yaml: string) => (pond: MemoryPond) =>
  pond.promises.write(({ fs }) => fs.write(`/etc/system.d/${name}.yaml`, Buffer.from(yaml)));

const commit = async (pond: MemoryPond, path: string, text: string) => {
  const outcome = await pond.promises.write(({ fs }) => fs.write(path, Buffer.from(text)));
  if (outcome._tag !== 'Committed') throw new Error('nothing was committed');
  return outcome;
};

const objects = (pond: MemoryPond, directory: string): readonly string[] => {
  const found: string[] = [];
  const visit = (path: string) => {
    const names = pond.disk.onlooker.readDirectory(path)();
    if (isLeft(names)) return;
    for (const name of names.right) {
      if (name === '.pond-store') continue;
      const stat = pond.disk.onlooker.stat(`${path}/${name}`)();
      if (isRight(stat) && stat.right.kind === 'directory') visit(`${path}/${name}`);
      else found.push(`${path}/${name}`.slice(directory.length + 1));
    }
  };
  visit(directory);
  return found.sort();
};

const content = (pond: MemoryPond, path: string): string => {
  const read = pond.disk.onlooker.readFile(path)();
  return isRight(read) ? Buffer.from(read.right).toString() : '(missing)';
};

describe('a push', () => {
  test('that has succeeded does not fail because what nobody needs could not be removed: the next one tries again', async () => {
    const { clock, advance } = settableClock();
    const { logger, lines } = recordingLogger();
    let isStuck = true;
    const pond = await createMemoryPond({
      clock,
      logger,
      fault: ({ call, paths }) =>
        isStuck && (call === 'unlink' || call === 'remove') && paths[0]?.startsWith('/backup/part-')
          ? 'EACCES'
          : null,
    });
    await pond.promises.addRemote('backup', { url: 'file:///backup' });
    for (let count = 0; count < 10; count += 1) await commit(pond, `/${count}.txt`, 'x');
    await pond.promises.push();
    await pond.promises.maintain({ retentionMs: 0 });
    await pond.promises.push();
    await advance(8 * 86_400_000);
    await commit(pond, '/last.txt', 'x');
    const [pushed] = await pond.promises.push();
    expect(pushed).toMatchObject({ how: 'continued', pruned: 0 });
    expect(lines.map(({ event }) => event)).toContain('remote_not_pruned');
    expect((await pond.promises.status()).remotes).toMatchObject([
      { behind: 0, pushedAt: clock.nowMicros() },
    ]);
    await expect(pond.promises.push('backup', { prune: true })).rejects.toThrow('EACCES');
    isStuck = false;
    const [again] = await pond.promises.push();
    expect(again?.pruned).toBeGreaterThan(0);
  });
});

describe('the replication manager', () => {
  const REPLICATE = `
factory: replication-manager
config: { remote: backup }
`;

  const replicated = async () => {
    const pond = await createMemoryPond();
    await pond.promises.addRemote('backup', { url: 'file:///backup' });
    await entry('90-replicate', REPLICATE)(pond);
    return pond;
  };

  test('is set off by whatever is committed where its entry says nothing else, and by what its entry says', async () => {
    const pond = await replicated();
    const { plan } = await pond.promises.plan(3);
    expect(plan.tasks).toMatchObject([{ factory: 'replication-manager', derived: true }]);
    await entry('90-replicate', `${REPLICATE}derived: false\ncondition: { path_pattern: ["/a*"] }\n`)(pond);
    expect((await pond.promises.plan(4)).plan.skipped).toMatchObject([
      { reason: { _tag: 'OnlyConfigurationChanged' } },
    ]);
    const { tasks } = await commit(pond, '/a.txt', 'a');
    expect(tasks).toMatchObject([{ state: 'completed' }]);
  });

  test('pushes each commit, that of the configuration too', async () => {
    const pond = await replicated();
    expect(objects(pond, '/backup').filter((key) => key.endsWith('.json'))).toHaveLength(3);
    const { tasks } = await commit(pond, '/a.txt', 'a');
    expect(tasks).toMatchObject([
      { state: 'completed', report: { how: 'continued', txn_seq: 4, entries: 1 } },
    ]);
    expect((await pond.promises.status()).remotes).toMatchObject([
      { name: 'backup', pushedTxnSeq: 4, behind: 0 },
    ]);
  });

  test('fails as a task where the store is not reached; the next push makes it good, once for all that has piled up', async () => {
    const pond = await createMemoryPond();
    pond.disk.onlooker.writeNewFile('/blocked', Buffer.from('not a directory'))();
    await pond.promises.addRemote('backup', { url: 'file:///blocked/backup' });
    await entry('90-replicate', REPLICATE)(pond);
    for (const name of ['a', 'b', 'c']) {
      const { tasks } = await commit(pond, `/${name}.txt`, name);
      expect(tasks).toMatchObject([{ state: 'failed' }]);
    }
    pond.disk.onlooker.remove('/blocked')();
    const first = await pond.promises.retry({ txnSeq: 4 });
    expect(first).toMatchObject([{ state: 'completed', report: { txn_seq: 6, entries: 6 } }]);
    expect(await pond.promises.retry({ txnSeq: 5 })).toMatchObject([
      { state: 'completed', report: { how: 'up-to-date', requests: 0 } },
    ]);
  });

  test('leaves pushing to people where its mode is pull', async () => {
    const pond = await replicated();
    await pond.promises.setSetting('factory_modes.replication-manager', 'pull');
    const { tasks } = await commit(pond, '/a.txt', 'a');
    expect(tasks).toEqual([]);
    expect((await pond.promises.status()).remotes).toMatchObject([{ behind: 2 }]);
    expect(await pond.promises.push()).toMatchObject([{ name: 'backup', entries: 2 }]);
  });

  test('says which remotes there are where the settings have none of that name', async () => {
    const pond = await replicated();
    await pond.promises.removeRemote('backup');
    const { tasks } = await commit(pond, '/a.txt', 'a');
    expect(tasks[0]?.errorMessage).toContain('this pond has no remote "backup"');
  });
});

describe('the export to a bucket', () => {
  const exported = async (layout: 'mirror' | 'versions') => {
    const pond = await createMemoryPond();
    await entry(
      '30-export',
      `
factory: s3-export
condition: { path_pattern: "/site/**" }
config: { source: "/site/**", strip_prefix: /site, url: "file:///bucket", layout: ${layout} }
`,
    )(pond);
    return pond;
  };

  test('mirrors files, sends what has changed only, and removes what is gone', async () => {
    const pond = await exported('mirror');
    await pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/site/css');
      await fs.write('/site/index.html', Buffer.from('<h1>1</h1>'));
      await fs.write('/site/css/main.css', Buffer.from('h1 {}'));
    });
    expect(objects(pond, '/bucket')).toEqual(['.pond-export.json', 'css/main.css', 'index.html']);
    const { tasks } = await commit(pond, '/site/index.html', '<h1>2</h1>');
    expect(tasks).toMatchObject([{ state: 'completed', report: { files: 2, sent: 1, removed: 0 } }]);
    expect(content(pond, '/bucket/index.html')).toBe('<h1>2</h1>');
    await pond.promises.write(({ fs }) => fs.remove('/site/css/main.css'));
    expect(objects(pond, '/bucket')).toEqual(['.pond-export.json', 'index.html']);
  });

  test('mirrors to a directory, too, that a folder stands where a file was', async () => {
    const pond = await exported('mirror');
    await pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/site');
      await fs.write('/site/page', Buffer.from('file'));
    });
    const replaced = await pond.promises.write(async ({ fs }) => {
      await fs.remove('/site/page');
      await fs.mkdirAll('/site/page');
      await fs.write('/site/page/index.html', Buffer.from('folder'));
    });
    expect(replaced).toMatchObject({ tasks: [{ state: 'completed', report: { sent: 1, removed: 1 } }] });
    expect(objects(pond, '/bucket')).toEqual(['.pond-export.json', 'page/index.html']);
  });

  test('keeps a folder for each commit, and current.json names where the newest of each file lies', async () => {
    const pond = await exported('versions');
    await pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/site');
      await fs.write('/site/a.txt', Buffer.from('a'));
      await fs.write('/site/b.txt', Buffer.from('b'));
    });
    await commit(pond, '/site/b.txt', 'bb');
    expect(objects(pond, '/bucket')).toEqual(['current.json', 'v3/a.txt', 'v3/b.txt', 'v4/b.txt']);
    expect(JSON.parse(content(pond, '/bucket/current.json'))).toMatchObject({
      txn_seq: 4,
      files: { 'a.txt': { key: 'v3/a.txt', size: 1 }, 'b.txt': { key: 'v4/b.txt', size: 2 } },
    });
  });

  test('a repeated attempt for an older commit changes nothing', async () => {
    const pond = await exported('mirror');
    pond.disk.onlooker.writeNewFile('/bucket', Buffer.from('in the way'))();
    await pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/site');
      await fs.write('/site/a.txt', Buffer.from('old'));
    });
    pond.disk.onlooker.remove('/bucket')();
    await commit(pond, '/site/a.txt', 'new');
    expect(await pond.promises.retry({ txnSeq: 3 })).toMatchObject([{ state: 'completed' }]);
    expect(content(pond, '/bucket/a.txt')).toBe('new');
  });

  test('two files that would be one object are refused with both names, and so is one that would be the list of the export', async () => {
    const pond = await createMemoryPond();
    await entry(
      '30-export',
      `
factory: s3-export
condition: { path_pattern: "/**" }
config: { source: "/**/*.{txt,json}", strip_prefix: /site, url: "file:///bucket" }
`,
    )(pond);
    await commit(pond, '/a.txt', 'outside');
    await pond.promises.write(({ fs }) => fs.mkdirAll('/site'));
    const shared = await commit(pond, '/site/a.txt', 'inside');
    expect(shared.tasks[0]?.errorMessage).toContain('/a.txt and /site/a.txt would both be a.txt');
    expect(content(pond, '/bucket/a.txt')).toBe('outside');
    await pond.promises.write(({ fs }) => fs.remove('/site/a.txt'));
    const taken = await commit(pond, '/site/.pond-export.json', '{}');
    expect(taken.tasks[0]?.errorMessage).toContain("would take the place of the export's own list");
  });

  test('by hand, an object is sent again of which the list of the export says that it may be anything', async () => {
    const pond = await exported('mirror');
    await pond.promises.write(({ fs }) => fs.mkdirAll('/site'));
    await commit(pond, '/site/a.txt', 'a');
    const list = JSON.parse(content(pond, '/bucket/.pond-export.json'));
    const { files, ...rest } = list;
    pond.disk.onlooker.remove('/bucket/.pond-export.json')();
    pond.disk.onlooker.writeNewFile(
      '/bucket/.pond-export.json',
      Buffer.from(JSON.stringify({ ...rest, files: {}, unsure: { 'a.txt': 2, 'gone.txt': 2 } })),
    )();
    pond.disk.onlooker.writeNewFile('/bucket/gone.txt', Buffer.from('of an attempt that broke off'))();
    pond.disk.onlooker.remove('/bucket/a.txt')();
    await pond.promises.run('/etc/system.d/30-export.yaml');
    expect(objects(pond, '/bucket')).toEqual(['.pond-export.json', 'a.txt']);
    expect(JSON.parse(content(pond, '/bucket/.pond-export.json'))).toEqual({ ...list, files });
  });

  test('leaves alone what another export, or somebody else, has written', async () => {
    const pond = await exported('versions');
    pond.disk.onlooker.makeDirectories('/bucket')();
    pond.disk.onlooker.writeNewFile('/bucket/current.json', Buffer.from('{}'))();
    await pond.promises.write(({ fs }) => fs.mkdirAll('/site'));
    const { tasks } = await commit(pond, '/site/a.txt', 'a');
    expect(tasks[0]?.errorMessage).toContain('was not written by an export');
    expect(content(pond, '/bucket/current.json')).toBe('{}');
  });
});
