// Another user who exchanges a directory of his while root works in it with each command that writes, reads or removes there: exports to a
// directory as a store, remotes, new ponds, replicas, documents and rules that are read, watched folders whose files are put aside.

import {
  chmodSync,
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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { attack, STRANGER, whyNoAttacker } from './attacker.js';

/** Directory of another user, `d` of which he exchanges for a symlink to the victim; and one that nobody but root may enter. */
let base = '';
let victim = '';
let pond: TempPond;

/** Gives everything below a directory to somebody, with what it is. */
const give = (directory: string, owner: number): void => {
  for (const name of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })])
    lchownSync(join(directory, name), owner, owner);
};

beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'pond-theirs-')));
  victim = realpathSync(mkdtempSync(join(tmpdir(), 'pond-victim-')));
  chmodSync(base, 0o755);
  mkdirSync(join(base, 'd'));
  pond = await tempPond(callPond);
  for (const name of ['f', 'deep/g']) await pond.run(['copy', '-', `/out/${name}`], { input: 'new' });
});
afterEach(async () => {
  for (const path of [base, victim]) rmSync(path, { recursive: true, force: true });
  await pond.remove();
});

/** Everything of the victim's, with what a lock or log of SQLite's that is empty would add left out. */
const victimNow = () =>
  readdirSync(victim, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const stat = lstatSync(join(victim, name));
      const content = stat.isFile() ? readFileSync(join(victim, name)).toString('base64') : null;
      return [name, stat.mode, stat.uid, stat.ino, stat.mtimeMs, content];
    })
    .toSorted();

/** Puts `d` back, wherever the attacker has left it. */
const settle = () => {
  if (!existsSync(join(base, 'was'))) return;
  // What was made where he had taken it away is in his directory, which he may have as he likes.
  rmSync(join(base, 'd'), { recursive: true, force: true });
  renameSync(join(base, 'was'), join(base, 'd'));
};

/** Commands under attack, again and again; what they said. */
const underAttack = async (times: number, commands: (round: number) => readonly (readonly string[])[]) => {
  if (whyNoAttacker() === null) give(base, STRANGER);
  const before = victimNow();
  const said = new Map<string, number>();
  const attacker = await attack(base, victim);
  try {
    for (let round = 0; round < times; round += 1) {
      for (const args of commands(round)) {
        const { code, stdout, stderr } = await callPond(args, { pond: pond.pond, input: 'new' });
        const key = `${args[0]} ${code}${process.env.SAY ? stderr.slice(0, 300) : ''}`;
        said.set(key, (said.get(key) ?? 0) + 1);
        expect(`${stdout}${stderr}`).not.toContain('SECRET');
        expect(victimNow(), `round ${round} of ${args.join(' ')}: ${stderr}`).toEqual(before);
      }
    }
  } finally {
    await attacker.end();
    settle();
  }
  return said;
};

describe.skipIf(whyNoAttacker() !== null)(
  'another user who exchanges a directory of his under root',
  {
    timeout: 240_000,
  },
  () => {
    test('leads an export to a directory as a store nowhere else', async () => {
      // The same names are there, with an older state of what an export keeps.
      mkdirSync(join(victim, 'site/deep'), { recursive: true });
      for (const name of ['site/f', 'site/deep/g', 'site/old']) writeFileSync(join(victim, name), 'SECRET');
      const config = `source: "/out/**"\nurl: file://${base}/d/site\nstrip_prefix: /out`;
      await pond.run(['mknod', 's3-export', '/etc/system.d/10-export', '--config', config]);
      await underAttack(25, (round) => [
        ['copy', '-', `/out/f-${round}`],
        ['rm', `/out/f-${round}`],
      ]);
    });

    test('leads push, verify, pull and restore from a directory of his nowhere else', async () => {
      await pond.run(['remote', 'add', 'theirs', `file://${base}/d/store`]);
      await pond.run(['push', 'theirs']);
      cpSync(join(base, 'd/store'), join(victim, 'store'), { recursive: true });
      await pond.run(['replicate', `file://${base}/d/store`, join(pond.host, 'replica')]);
      await underAttack(10, (round) => [
        ['copy', '-', `/out/f-${round}`],
        ['push', 'theirs'],
        ['verify', 'theirs'],
        ['--pond', join(pond.host, 'replica'), 'pull'],
        ['restore', `file://${base}/d/store`, join(pond.host, `restored-${round}`)],
      ]);
    });

    test('leads init, restore and replicate to a directory of his nowhere else', async () => {
      await pond.run(['remote', 'add', 'own', `file://${pond.host}/store`]);
      await pond.run(['push', 'own']);
      await underAttack(12, (round) => [
        ['--pond', join(base, `d/new-${round}`), 'init'],
        ['restore', `file://${pond.host}/store`, join(base, `d/restored-${round}`)],
        ['replicate', `file://${pond.host}/store`, join(base, `d/replica-${round}`)],
      ]);
    });

    test('shows nothing of others’ to commands that take a file of his in, by whatever it is named', async () => {
      const names = ['doc.yaml', 'f', 'f.csv', 'config.yaml'];
      for (const name of names) writeFileSync(join(base, 'd', name), 'mkdir: [/theirs]\n');
      for (const name of names) writeFileSync(join(victim, name), 'mkdir: [/SECRET]\n');
      const apply = join(pond.host, 'apply.yaml');
      writeFileSync(apply, `files:\n  - path: /applied\n    from: ${base}/d/f\n`);
      await underAttack(25, (round) => [
        ['apply', join(base, 'd/doc.yaml')],
        ['apply', apply],
        ['copy', `host://${base}/d/f`, `/in-${round}`],
        ['copy', '-r', `host://${base}/d`, `/tree-${round}`],
        ['copy', '--as', 'table', `host://${base}/d/f.csv`, `/table-${round}`],
        ['mknod', 'sql-derived-table', `/node-${round}`, '--config-path', join(base, 'd/config.yaml')],
      ]);
      const { stdout } = await pond.run(['list', '/**', '--json']);
      const taken = [...stdout.matchAll(/"path": ?"([^"]*)"/g)].map(([, path = '']) => path);
      expect(taken).toEqual(expect.arrayContaining(['/out/f']));
      for (const path of taken) {
        const { stdout: content } = await callPond(['cat', path], { pond: pond.pond });
        expect([path, path.includes('SECRET') || content.includes('SECRET')]).toEqual([path, false]);
      }
    });
  },
);
