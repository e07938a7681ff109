// Patterns, paths and trees that are made to take long end in bounded work, or say which limit they met.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, onTestFinished, test } from 'vitest';
import { canHoldDirectories } from '../../../src/adapters/node/files/held-directories.js';
import { holdNodeFiles } from '../../../src/adapters/node/files/held-files.js';
import { userOfProcess } from '../../../src/adapters/node/node-host.js';
import { readHostTree } from '../../../src/cli/copy/host-tree.js';
import { parseGlob } from '../../../src/domain/paths/glob-pattern.js';
import { matchesGlob } from '../../../src/domain/paths/matches-glob.js';
import { parsePondPath, ROOT } from '../../../src/domain/paths/pond-path.js';
import { executeOnHost } from '../../host/machinery/on-host.js';
import { tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const matches = (pattern: string, names: readonly string[]): boolean => {
  const glob = parseGlob(pattern, ROOT);
  if (isLeft(glob)) throw new Error(JSON.stringify(glob.left));
  return matchesGlob(glob.right, names);
};

test('no pattern goes back and forth over a name or a path', () => {
  const deep = Array.from({ length: 2000 }, () => 'a');
  expect(matches(`/${'**/'.repeat(500)}x`, deep)).toBe(false);
  expect(matches(`/${'**/a/'.repeat(300)}x`, deep)).toBe(false);
  expect(matches(`/${'*a'.repeat(500)}b`, ['a'.repeat(255)])).toBe(false);
  expect(matches(`/${'['.repeat(1000)}`, ['['.repeat(1000)])).toBe(true);
  expect(matches(`/${'{'.repeat(500)}*`, ['x'])).toBe(false);
});

test('braces that stand for too many patterns are refused, however they are written', () => {
  for (const pattern of [`/${'{a,b}'.repeat(40)}`, '/{1..999999999}', `/${'{a,{b,c}}'.repeat(30)}`]) {
    expect(parseGlob(pattern, ROOT)).toMatchObject({
      left: { _tag: 'InvalidPattern', problem: 'too many alternatives' },
    });
  }
});

test('a path of ten thousand names is refused as too long', () => {
  expect(parsePondPath('/a'.repeat(10_000))).toMatchObject({ left: { problem: 'path-too-long' } });
});

// Looked through once more for each of its levels and of those above, it would take hours.
test('a tree of eight hundred levels is taken in, found and taken back', async () => {
  const pond = await tempPond(callPond);
  onTestFinished(() => pond.remove());
  mkdirSync(join(pond.host, 'tree', 'd/'.repeat(800)), { recursive: true });
  writeFileSync(join(pond.host, 'tree', 'd/'.repeat(800), 'leaf'), 'x');
  await pond.run(['copy', '-r', `host://${pond.host}/tree`, '/tree']);
  expect((await pond.run(['list', '/**/leaf'])).stdout).toBe(`/tree${'/d'.repeat(800)}/leaf\n`);
  await pond.run(['cp', '/tree', '/twice']);
  await pond.run(['revert', '2']);
  expect(await callPond(['list', '/tree'], { pond: pond.pond })).toMatchObject({ code: 1 });
});

test.skipIf(!canHoldDirectories())(
  'a tree that is deeper than a path may be is refused by copy -r, and removed by a host plan',
  async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pond-deep-')));
    try {
      const held = holdNodeFiles();
      expect(held.files.makeDirectories(`${root}/tree${'/d'.repeat(3000)}`)()._tag).toBe('Right');
      const neighbours = { user: userOfProcess(), allowShared: false };
      expect(readHostTree(held.files, join(root, 'tree'), neighbours)).toMatchObject({
        left: { _tag: 'HostFileFailed', code: 'ENAMETOOLONG' },
      });
      held.release();
      await executeOnHost(
        [{ id: 'a', kind: 'DirRemoveAll', path: join(root, 'tree') }],
        holdNodeFiles().files,
      );
    } finally {
      execFileSync('rm', ['-rf', root]);
    }
  },
);
