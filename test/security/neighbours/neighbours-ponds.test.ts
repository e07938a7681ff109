// A pond of another user's in which root works, `sudo pond`, while that user exchanges what is in it; and symlinks in the place of
// `data` and `control`, whoever put them there.

import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { assemble } from '../../../src/composition-root.js';
import { livePorts } from '../../../src/live-ports.js';
import { ok } from '../../steward/memory-steward.js';
import { callPond } from '../../support/pond-in-process.js';
import { attackFromPond, STRANGER, whyNoAttacker } from './attacker.js';

/** Tests in which somebody else acts, where he can. */
const attacked = test.skipIf(whyNoAttacker() !== null);

const program = assemble(livePorts(silentLogger));

let folder = '';
let theirs = '';
let victim = '';
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pond-theirs-')));
  chmodSync(folder, 0o755);
  [theirs, victim] = [join(folder, 'theirs'), join(folder, 'victim')];
  ok(await program.init(victim, {})());
  await write(victim, '/a', Buffer.alloc(90_000, 1));
  cpSync(victim, theirs, { recursive: true });
  for (const path of ['', ...readdirSync(theirs, { recursive: true, encoding: 'utf8' })])
    if (whyNoAttacker() === null) lchownSync(join(theirs, path), STRANGER, STRANGER);
  for (const name of ['data/_staging', 'control/runners', 'control/queries'])
    mkdirSync(join(victim, name), { recursive: true });
  // What others may read is what pond might close to them.
  for (const path of ['', ...readdirSync(victim, { recursive: true, encoding: 'utf8' })])
    chmodSync(join(victim, path), lstatSync(join(victim, path)).isDirectory() ? 0o755 : 0o644);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = async (pond: string, path: string, content: Uint8Array): Promise<unknown> => {
  const opened = await program.open(pond, {})();
  if (isLeft(opened)) return opened;
  try {
    return await opened.right.write(({ fs }) => fs.write(path, content))();
  } finally {
    await opened.right.close()();
  }
};

/** Everything of a directory but empty files of locks and logs, and the index of a log: SQLite goes by paths. */
const treeOf = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('-shm'))
    .filter((name) => !/\.lock$|-wal$/.test(name) || lstatSync(join(directory, name)).size > 0)
    .map((name) => {
      const { mode, uid, ino } = lstatSync(join(directory, name));
      const isFile = lstatSync(join(directory, name)).isFile();
      return [name, mode, uid, ino, isFile ? readFileSync(join(directory, name)).toString('base64') : null];
    })
    .toSorted();

describe('another user who exchanges directories of his pond while root works in it', {
  timeout: 240_000,
}, () => {
  attacked.each(['data/_staging', 'data/_blobs', 'data/_delta_log', 'data', 'control'])(
    'leads no write and no removal elsewhere by %s',
    async (name) => {
      const before = treeOf(victim);
      const attacker = await attackFromPond(theirs, victim, [name]);
      try {
        for (let round = 0; round < 40; round += 1) {
          await write(theirs, `/b-${round}`, Buffer.alloc(90_000, round));
          const opened = await program.open(theirs, {})();
          if (isLeft(opened)) continue;
          await opened.right.recover()();
          await opened.right.maintain({})();
          await opened.right.close()();
        }
      } finally {
        await attacker.end();
      }
      expect(treeOf(victim)).toEqual(before);
    },
  );
});

describe('a symlink in the place of data or control', () => {
  const linked = (name: 'data' | 'control', target: string, owner: number) => {
    if (existsSync(join(theirs, name))) rmSync(join(theirs, name), { recursive: true });
    symlinkSync(target, join(theirs, name));
    if (whyNoAttacker() === null) lchownSync(join(theirs, name), owner, owner);
  };

  attacked.each(['data', 'control'] as const)(
    'that another user has put there leads to what is theirs and nowhere else: %s',
    async (name) => {
      const before = treeOf(victim);
      linked(name, join(victim, name), STRANGER);
      expect(await write(theirs, '/b', Buffer.from('b'))).toMatchObject({
        left: { _tag: 'UnsafeFile', path: join(theirs, name), found: 'symlink-of-another' },
      });
      expect(treeOf(victim)).toEqual(before);
      // The same to a directory of theirs is followed.
      rmSync(join(theirs, name));
      cpSync(join(victim, name), join(folder, 'moved'), { recursive: true });
      for (const path of ['', ...readdirSync(join(folder, 'moved'), { recursive: true, encoding: 'utf8' })])
        chownSync(join(folder, 'moved', path), STRANGER, STRANGER);
      linked(name, '../moved', STRANGER);
      expect(await write(theirs, '/b', Buffer.from('b'))).toMatchObject({ _tag: 'Right' });
    },
  );

  test.each(['init', 'rebuild-control', 'restore'])(
    'that leads to something else than a control directory has nothing there closed, filled or moved by %s',
    async (command) => {
      const home = join(folder, 'home');
      mkdirSync(join(home, 'bin'), { recursive: true });
      writeFileSync(join(home, 'bin/tool'), 'x', { mode: 0o755 });
      chmodSync(home, 0o755);
      const before = treeOf(home);
      const pond = command === 'rebuild-control' ? victim : join(folder, 'new');
      rmSync(join(pond, 'control'), { recursive: true, force: true });
      mkdirSync(pond, { recursive: true });
      symlinkSync(home, join(pond, 'control'));
      const words = command === 'restore' ? [command, `file://${folder}/remote`, pond] : [command];
      const { code, stderr } = await callPond(words, { pond });
      expect([code, stderr]).toEqual([1, expect.stringContaining(`it is a symlink to ${home}`)]);
      expect(treeOf(home)).toEqual(before);
      expect(lstatSync(home).mode & 0o777).toBe(0o755);
      // One that leads to an empty directory is what it was for.
      rmSync(join(pond, 'control'));
      mkdirSync(join(folder, 'fast/lost+found'), { recursive: true });
      symlinkSync('../fast', join(pond, 'control'));
      if (command !== 'restore') expect((await callPond([command], { pond })).code).toBe(0);
    },
  );

  test('that leads to the control table of another pond leaves that alone, also where a new one is to be made', async () => {
    const other = join(folder, 'other');
    ok(await program.init(other, {})());
    renameSync(join(victim, 'control'), join(folder, 'kept'));
    symlinkSync(join(other, 'control'), join(victim, 'control'));
    const before = treeOf(join(other, 'control'));
    for (const words of [['rebuild-control'], ['recover'], ['copy', '-', '/x'], ['maintain']]) {
      const { code } = await callPond(words, { pond: victim, input: 'x' });
      expect([words, code]).toEqual([words, 1]);
      expect(treeOf(join(other, 'control'))).toEqual(before);
    }
    expect((await callPond(['rebuild-control'], { pond: victim })).stderr).toContain('rm ');
  });
});

describe('a symlink on the way to a pond or a store', () => {
  /** A link of theirs in a directory of theirs. */
  const way = (target: string) => {
    const link = join(theirs, 'way');
    symlinkSync(target, link);
    lchownSync(link, STRANGER, STRANGER);
    return link;
  };
  const commands = (link: string): readonly (readonly string[])[] => [
    ['--pond', join(link, 'new'), 'init'],
    ['restore', `file://${folder}/kept`, join(link, 'restored')],
    ['--pond', victim, 'push', 'theirs'],
    ['--pond', victim, 'verify', 'theirs'],
  ];
  const pushed = async (link: string): Promise<void> => {
    for (const [name, place] of [
      ['own', join(folder, 'kept')],
      ['theirs', join(link, 'store')],
    ] as const)
      expect(await callPond(['remote', 'add', name, `file://${place}`], { pond: victim })).toMatchObject({
        code: 0,
      });
    expect(await callPond(['push', 'own'], { pond: victim })).toMatchObject({ code: 0 });
  };

  attacked('that another user has put there leads nothing to what is not theirs', async () => {
    mkdirSync(join(folder, 'home/store'), { recursive: true });
    const link = way(join(folder, 'home'));
    await pushed(link);
    for (const args of commands(link)) {
      const { code, stderr } = await callPond(args, {});
      expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining(`${link} is a symlink`)]);
      expect(stderr).toContain('give the link to root (chown -h root LINK)');
    }
    expect(readdirSync(join(folder, 'home'), { recursive: true })).toEqual(['store']);
  });

  attacked.each([
    ['of theirs to what is theirs', STRANGER],
    ['of this user’s', 0],
  ])('%s is followed', async (_, owner) => {
    mkdirSync(join(folder, 'home/store'), { recursive: true });
    for (const path of ['home', 'home/store']) chownSync(join(folder, path), owner === 0 ? 0 : STRANGER, 0);
    const link = way(join(folder, 'home'));
    lchownSync(link, owner, owner);
    await pushed(link);
    for (const args of commands(link)) {
      const { code, stderr } = await callPond(args, {});
      expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
    }
  });
});
