import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdNodeFiles } from '../../../src/adapters/node/files/held-files.js';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import type { HostOperation } from '../../../src/host-plans/operations/host-operation.js';
import { planOf } from '../../host/machinery/memory-world.js';
import { onHost } from '../../host/machinery/on-host.js';
import { scheduledPond } from '../../serve/scheduling.js';
import { ok } from '../../steward/memory-steward.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { attack, STRANGER, whyNoAttacker } from './attacker.js';

/** Another user's directory in which root works, and one of root's that nobody else may enter. */
let base = '';
let victim = '';
let pond: TempPond | null = null;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'pond-steward-theirs-')));
  victim = realpathSync(mkdtempSync(join(tmpdir(), 'pond-steward-victim-')));
  mkdirSync(join(base, 'd/tree'), { recursive: true });
  for (const name of ['f', 'tree/f']) writeFileSync(join(base, 'd', name), 'theirs');
  mkdirSync(join(victim, 'tree'));
  // Under every name that a plan might use there.
  for (const name of ['f', 'g', 'tree/f', '1.staged', '1.preserved', '2.staged', '2.preserved']) {
    writeFileSync(join(victim, name), 'secret');
  }
  if (whyNoAttacker() !== null) return;
  for (const path of ['', 'd', 'd/f', 'd/tree', 'd/tree/f']) chownSync(join(base, path), STRANGER, STRANGER);
  chmodSync(victim, 0o700);
});
afterEach(async () => {
  for (const path of [base, victim]) rmSync(path, { recursive: true, force: true });
  await pond?.remove();
  pond = null;
});

/** Everything below the victim's directory with its content. */
const victimNow = () =>
  readdirSync(victim, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isDirectory() ? 'directory' : readFileSync(path, 'utf8'), lstatSync(path).ino];
    })
    .toSorted();

/** Runs work under attack, again and again, and sees that nothing of the victim has changed. */
const underAttack = async (times: number, work: (round: number) => Promise<unknown>) => {
  const before = victimNow();
  const attacker = await attack(base, victim);
  try {
    for (let round = 0; round < times; round += 1) {
      await work(round);
      expect(victimNow(), `round ${round}`).toEqual(before);
    }
  } finally {
    await attacker.end();
  }
};

/** Puts `d` back, wherever the attacker has left it. */
const settle = () => {
  if (!existsSync(join(base, 'was'))) return;
  // His link, or what was made where he had just taken it away.
  rmSync(join(base, 'd'), { recursive: true, force: true });
  renameSync(join(base, 'was'), join(base, 'd'));
};

const execute = (...operations: readonly HostOperation[]) =>
  onHost(nodeFileSystem, holdNodeFiles).run(planOf(operations))();

describe('another user who exchanges directories and staging places of his under root', {
  timeout: 240_000,
}, () => {
  test('leads a plan that writes and copies nowhere else', async (context) => {
    context.skip(whyNoAttacker() !== null, whyNoAttacker() ?? '');
    await underAttack(60, (round) =>
      execute(
        { id: 'a', kind: 'FileWrite', path: join(base, 'd/g'), content: `${round}`, replace: true },
        { id: 'b', kind: 'DirCreate', path: join(base, `d/new-${round}`) },
        { id: 'c', kind: 'FileWrite', path: join(base, `d/new-${round}/f`), content: 'x' },
        { id: 'd', kind: 'LinkCreate', source: '/', target: join(base, `d/link-${round}`) },
      ),
    );
  });

  test('leads a plan that moves and removes nowhere else', async (context) => {
    context.skip(whyNoAttacker() !== null, whyNoAttacker() ?? '');
    await underAttack(60, (round) =>
      execute(
        { id: 'a', kind: 'FileMove', from: join(base, 'd/f'), to: join(base, `d/moved-${round}`) },
        { id: 'b', kind: 'DirRemoveAll', path: join(base, 'd/tree') },
        { id: 'c', kind: 'FileDelete', path: join(base, 'd/g') },
      ).then(() =>
        execute(
          { id: 'a', kind: 'FileWrite', path: join(base, 'd/f'), content: 'x', replace: true },
          { id: 'b', kind: 'DirCreate', path: join(base, 'd/tree') },
          { id: 'c', kind: 'FileWrite', path: join(base, 'd/tree/f'), content: 'x', replace: true },
          { id: 'd', kind: 'FileWrite', path: join(base, 'd/g'), content: 'x', replace: true },
        ),
      ),
    );
  });

  test('leads host-export nowhere else', async (context) => {
    context.skip(whyNoAttacker() !== null, whyNoAttacker() ?? '');
    pond = await tempPond();
    const { run } = pond;
    const config = `source: "/site/**"\ntarget: ${base}/d\nstrip_prefix: /site`;
    await run(['mkdir', '/site']);
    await run(['mknod', 'host-export', '/etc/system.d/10-export', '--config', config]);
    await underAttack(4, (round) =>
      // Its task fails, or publishes into the directory.
      run(['copy', '-', `/site/f-${round}`], { input: 'new' }).catch(() => undefined),
    );
  });

  test('leads copy out nowhere else, and is not shown anything by copy -r', async (context) => {
    context.skip(whyNoAttacker() !== null, whyNoAttacker() ?? '');
    pond = await tempPond();
    const { run } = pond;
    for (const name of ['/out/d/f', '/out/d/tree/f', '/out/d/g'])
      await run(['copy', '-', name], { input: 'new' });
    await underAttack(3, () =>
      run(['copy', '/out/**', `host://${base}/`, '--strip-prefix', '/out']).catch(() => undefined),
    );
    settle();
    await underAttack(3, (round) =>
      run(['copy', '-r', `host://${base}`, `/in-${round}`]).catch(() => undefined),
    );
    const { stdout } = await run([
      'sql',
      "SELECT path FROM nodes WHERE path LIKE '/in-%'",
      '--format',
      'csv',
    ]);
    for (const path of stdout.split('\n').filter((line) => /\/(f|g)$/.test(line.trim()))) {
      expect((await run(['cat', path.trim()])).stdout).not.toBe('secret');
    }
  });
});

describe('another user whose folder root watches', { timeout: 240_000 }, () => {
  const attacked = test.skipIf(whyNoAttacker() !== null);
  attacked.each([
    ['deleted', () => ({ folder: join(base, 'd'), after: 'delete' })],
    ['moved', () => ({ folder: join(base, 'd/tree'), after: { move: join(base, 'd/done') } })],
  ])('has nothing taken in or %s that is not his, whatever he exchanges', async (_, places) => {
    mkdirSync(join(victim, 'done'));
    for (let at = 0; at < 40; at += 1) {
      const path = join(base, `d/tree/file-${at}`);
      writeFileSync(path, 'theirs');
      chownSync(path, STRANGER, STRANGER);
    }
    const watching = await scheduledPond('2026-11-28T10:00:00Z');
    try {
      const words = { ...places(), pattern: '**', into: '/in/', settle: '0s' };
      await watching.entry('/etc/watch.d/10-theirs', { factory: 'watch', ...words });
      await underAttack(10, () => watching.work());
      settle();
      await watching.work();
      const arrived = ok(
        await watching.steward.read(({ fs }) => async () => {
          const { entries } = ok(await fs.collectMatches('/in/**')());
          const files = entries.filter(({ entryType }) => entryType !== 'directory');
          const contents: string[] = [];
          for (const { path } of files) contents.push(Buffer.from(ok(await fs.readBytes(path)())).toString());
          return right(contents);
        })(),
      );
      expect(arrived.length).toBeGreaterThan(0);
      expect(new Set(arrived)).toEqual(new Set(['theirs']));
    } finally {
      await watching.steward.close()();
    }
  });
});

describe('a directory that everybody may write', () => {
  test('is refused by copy -r and by copy out before anything is written, unless it is accepted', async () => {
    pond = await tempPond();
    const { run } = pond;
    await run(['copy', '-', '/x'], { input: 'new' });
    const open = join(pond.host, 'open');
    mkdirSync(join(open, 'inner'), { recursive: true });
    writeFileSync(join(open, 'inner/f'), 'f');
    const refusedAt = async (directory: string, ...args: readonly string[]) => {
      const { stderr } = await run(['copy', ...args], { expect: 1 });
      expect(stderr).toContain(`exchange what is in ${directory}: others may write it`);
      expect(stderr).toContain('--allow-shared-directories');
    };
    chmodSync(join(open, 'inner'), 0o777);
    await refusedAt(join(open, 'inner'), '-r', `host://${open}`, '/in');
    chmodSync(join(open, 'inner'), 0o755);
    chmodSync(open, 0o777);
    await refusedAt(open, '-r', `host://${open}`, '/in');
    await refusedAt(open, '/x', `host://${open}/inner/x`);
    expect(readdirSync(join(open, 'inner'))).toEqual(['f']);
    await run(['copy', '/x', `host://${open}/inner/x`, '--allow-shared-directories']);
    await run(['copy', '-r', `host://${open}`, '/in'], { env: { POND_ALLOW_SHARED_DIRECTORIES: '1' } });
    expect((await run(['cat', '/in/inner/x'])).stdout).toBe('new');
  });
});
