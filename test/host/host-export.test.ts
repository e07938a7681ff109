import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import { hostExport } from '../../src/factories/built-in/host-export/host-export.js';
import type { HostExportConfig } from '../../src/factories/built-in/host-export/host-export-config.js';
import type { StagingPlace } from '../../src/factories/built-in/host-export/host-export-staging.js';
import type { PostCommitContext } from '../../src/factories/factory.js';
import type { HostPlansOnFiles } from '../../src/host-plans/host-plans.js';
import type { Entry } from '../../src/tinyfs/tinyfs.js';
import { postCommitContext, readerOf } from '../factories/contexts.js';
import { memoryWorld, ROOT, type World } from './machinery/memory-world.js';

const entry = (path: string, content: string): Entry => ({
  path: path as PondPath,
  name: path.slice(path.lastIndexOf('/') + 1),
  entryType: 'file',
  nodeId: null,
  version: 1,
  txnSeq: 1,
  timestamp: 0,
  size: content.length,
  sha256: null,
  factory: null,
  linkTarget: null,
});

const contextAt = (
  txnSeq: number,
  files: Readonly<Record<string, string>>,
  more: Partial<PostCommitContext> = {},
): PostCommitContext =>
  postCommitContext({
    txnSeq,
    fs: {
      ...readerOf(files),
      collectMatches: () =>
        TE.right({
          entries: Object.entries(files).map(([path, content]) => entry(path, content)),
          unreadable: [],
        }),
    },
    ...more,
  });

const STAGING = '/pond/control/host-exports';
let processes = 0;

/** The factory as one process has it. One lives at a time, so that another one's contents are abandoned. */
const factoryOf = (hostPlans: HostPlansOnFiles) => {
  const { files } = hostPlans;
  processes += 1;
  const own = `${processes}.`;
  let count = 0;
  const staging: StagingPlace = {
    newPath: () => {
      files.makeDirectories(STAGING)();
      count += 1;
      return TE.right(`${STAGING}/${own}${count}`);
    },
    clearAbandoned: () => {
      const names = files.readDirectory(STAGING)();
      if (isLeft(names)) return;
      for (const name of names.right.filter((other) => /^\d/.test(other) && !other.startsWith(own))) {
        files.remove(`${STAGING}/${name}`)();
      }
    },
  };
  return hostExport({ hostPlans, staging, pondDir: '/pond' });
};

const stagedIn = ({ memory }: World): readonly string[] => {
  const names = memory.onlooker.readDirectory(STAGING)();
  return isLeft(names) ? [] : names.right;
};

const exporting = (world: World, config: Partial<HostExportConfig> = {}) => {
  const factory = factoryOf(world.process().plans);
  return (context: PostCommitContext) =>
    factory.execute(context, {
      source: '/site/**',
      strip_prefix: '/site',
      target: `${ROOT}/out`,
      ...config,
    })();
};

const empty = () => memoryWorld(() => undefined);

const textAt = (world: World, path: string) => {
  const read = world.memory.onlooker.readFile(`${ROOT}/out/${path}`)();
  return isLeft(read) ? read.left.code : Buffer.from(read.right).toString();
};

describe.each(['mirror', 'versions'] as const)('the layout %s', (layout) => {
  const place = layout === 'mirror' ? 'a' : 'current/a';

  test('is never taken back behind a newer publication by a retried older task', async () => {
    const world = empty();
    const run = exporting(world, { layout });
    expect(await run(contextAt(7, { '/site/a': 'new' }))).toMatchObject({ _tag: 'Right' });
    const before = world.tree();
    expect(await run(contextAt(5, { '/site/a': 'old' }, { attempt: 2 }))).toMatchObject({ _tag: 'Right' });
    expect(world.tree()).toEqual(before);
    expect(textAt(world, place)).toBe('new');
  });

  test('is not touched by a task that is told of its successor', async () => {
    const world = empty();
    const run = exporting(world, { layout });
    const before = world.tree();
    await run(contextAt(5, { '/site/a': 'old' }, { supersededBy: 6 }));
    expect(world.tree()).toEqual(before);
  });

  test('is not touched by a second attempt of what had been published', async () => {
    const world = empty();
    const run = exporting(world, { layout });
    await run(contextAt(5, { '/site/a': 'x' }));
    const before = world.tree();
    expect(await run(contextAt(5, { '/site/a': 'x' }, { attempt: 2 }))).toMatchObject({ _tag: 'Right' });
    expect(world.tree()).toEqual(before);
  });

  test('is published whole by the attempt after a crash, wherever that was', async () => {
    const calls = await (async () => {
      const world = empty();
      await exporting(world, { layout })(contextAt(1, { '/site/a': '1', '/site/d/b': '1' }));
      const { plans, ports } = world.process();
      const factory = factoryOf(plans);
      await factory.execute(contextAt(2, { '/site/a': '2' }), {
        source: '/site/**',
        strip_prefix: '/site',
        target: `${ROOT}/out`,
        layout,
      })();
      return ports.calls();
    })();
    for (let at = 1; at <= calls; at += 1) {
      const world = empty();
      await exporting(world, { layout })(contextAt(1, { '/site/a': '1', '/site/d/b': '1' }));
      const dying = factoryOf(world.process({ at, what: 'die-after' }).plans);
      await dying
        .execute(contextAt(2, { '/site/a': '2' }), {
          source: '/site/**',
          strip_prefix: '/site',
          target: `${ROOT}/out`,
          layout,
        })()
        .catch(() => undefined);
      const again = await exporting(world, { layout })(contextAt(2, { '/site/a': '2' }, { attempt: 2 }));
      expect(again, `call ${at}`).toMatchObject({ _tag: 'Right' });
      expect(textAt(world, place), `call ${at}`).toBe('2');
      expect(world.tree().filter((line) => line.includes('.pond-host-plan'))).toEqual([]);
      expect(stagedIn(world), `call ${at}`).toEqual([]);
      if (layout === 'mirror') expect(textAt(world, 'd/b'), `call ${at}`).toBe('ENOENT');
    }
  });
});

test('a directory that another configuration exports to is left alone', async () => {
  const world = empty();
  const run = exporting(world);
  await run(contextAt(1, { '/site/a': 'mine' }));
  const other = await run(
    contextAt(2, { '/site/a': 'theirs' }, { path: '/etc/system.d/99-other' as PondPath }),
  );
  expect(other).toMatchObject({ left: { _tag: 'FactoryFailed' } });
  expect(textAt(world, 'a')).toBe('mine');
});

test('a directory as source is refused with the pattern for its files, and what was exported stays', async () => {
  const world = empty();
  await exporting(world)(contextAt(1, { '/site/a': 'mine' }));
  const directory: Entry = { ...entry('/site', ''), entryType: 'directory' };
  const fs = { ...readerOf({}), collectMatches: () => TE.right({ entries: [directory], unreadable: [] }) };
  const run = exporting(world, { source: '/site/' });
  expect(await run(contextAt(2, {}, { fs }))).toMatchObject({
    left: { message: 'config.source: /site is a directory: its files are /site/**' },
  });
  expect(textAt(world, 'a')).toBe('mine');
});

describe('what somebody else put into the target stays', () => {
  const put = (world: World, name: string, content: string) => {
    world.memory.onlooker.makeDirectories(`${ROOT}/out`)();
    const as = { mode: 0o644, fsync: true };
    world.memory.onlooker.createFile(`${ROOT}/out/${name}`, Buffer.from(content), as)();
  };

  test('a file that has the content of an exported one is not deleted with it', async () => {
    const world = empty();
    const run = exporting(world);
    put(world, 'a', 'same');
    expect(await run(contextAt(1, { '/site/a': 'same' }))).toMatchObject({ _tag: 'Right' });
    expect(await run(contextAt(2, { '/site/b': 'other' }))).toMatchObject({ _tag: 'Right' });
    expect([textAt(world, 'a'), textAt(world, 'b')]).toEqual(['same', 'other']);
  });

  test.each(['constructor', '__proto__', 'toString'])('a file called %s is not replaced', async (name) => {
    const world = empty();
    put(world, name, 'mine');
    const run = exporting(world);
    const files = Object.fromEntries([[`/site/${name}`, 'exported']]);
    expect(await run(contextAt(1, files))).toMatchObject({ left: { _tag: 'FactoryFailed' } });
    expect(textAt(world, name)).toBe('mine');
    world.memory.onlooker.removeFile(`${ROOT}/out/${name}`)();
    expect(await run(contextAt(1, files))).toMatchObject({ _tag: 'Right' });
    expect(await run(contextAt(2, {}))).toMatchObject({ _tag: 'Right' });
    expect(textAt(world, name)).toBe('ENOENT');
  });

  test('a directory called as the next version is', async () => {
    const world = empty();
    world.memory.onlooker.makeDirectories(`${ROOT}/out/v2`)();
    put(world, 'v2/mine', 'mine');
    const run = exporting(world, { layout: 'versions' });
    expect(await run(contextAt(1, { '/site/a': '1' }))).toMatchObject({ _tag: 'Right' });
    expect(await run(contextAt(2, { '/site/a': '2' }))).toMatchObject({ left: { _tag: 'FactoryFailed' } });
    expect([textAt(world, 'v2/mine'), textAt(world, 'current/a')]).toEqual(['mine', '1']);
  });

  test('a link called current that was there before the first publication', async () => {
    const world = empty();
    world.memory.onlooker.makeDirectories(`${ROOT}/out`)();
    world.memory.onlooker.symlink('elsewhere', `${ROOT}/out/current`)();
    const run = exporting(world, { layout: 'versions' });
    expect(await run(contextAt(1, { '/site/a': '1' }))).toMatchObject({ left: { _tag: 'FactoryFailed' } });
    const link = world.memory.onlooker.readLink(`${ROOT}/out/current`)();
    expect(link).toMatchObject({ right: 'elsewhere' });
  });
});

test('what is in the pond itself is not published over, be it by way of a symlink', async () => {
  const world = empty();
  const { plans } = world.process();
  const factory = factoryOf(plans);
  plans.files.makeDirectories('/pond/data')();
  plans.files.symlink('/pond', `${ROOT}/way`)();
  for (const target of ['/pond/data', '/pond/control/deep', `${ROOT}/way/data/x`]) {
    const prepared = await factory.prepare?.(contextAt(1, {}), { source: '/**', target })();
    expect(prepared).toMatchObject({ left: { message: expect.stringContaining("the pond's own") } });
  }
  // What lies beside data and control is approved by its digest: an export there would end all tasks.
  for (const target of ['/pond/site', '/pond', `${ROOT}/way/site`]) {
    const prepared = await factory.prepare?.(contextAt(1, {}), { source: '/**', target })();
    expect(prepared).toMatchObject({ left: { message: expect.stringContaining('has to be approved') } });
  }
  const outside = await factory.prepare?.(contextAt(1, {}), { source: '/**', target: '/ponds/site' })();
  expect(outside).toMatchObject({ _tag: 'Right' });
});
