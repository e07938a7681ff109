// What `npm run build` does with the folder that it has built.

import { execFile } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freshFolder, takePlace } from '../build/fresh-folder.mjs';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder('fresh-build');
const run = promisify(execFile);

const NAMES = ['one', 'two', 'three'];

const built = (place: string, mark: string): string => {
  const fresh = freshFolder(place);
  for (const name of NAMES) writeFileSync(join(fresh, name), mark);
  return fresh;
};

const marksIn = (place: string): readonly string[] =>
  NAMES.map((name) => readFileSync(join(place, name), 'utf8'));

/** A program that builds the same thing a hundred times. */
const builder = (place: string, mark: string): string => `
  import { writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { freshFolder, takePlace } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../build/fresh-folder.mjs')))};
  for (let round = 0; round < 100; round += 1) {
    const fresh = freshFolder(${JSON.stringify(place)});
    for (const name of ${JSON.stringify(NAMES)}) writeFileSync(join(fresh, name), ${JSON.stringify(mark)});
    takePlace(fresh, ${JSON.stringify(place)});
  }`;

test('what was built before stays whole until the new one takes its place, and can be read on by who has opened it', () => {
  const place = join(folder, 'one-build');
  takePlace(built(place, 'old'), place);
  const opened = openSync(join(place, 'two'), 'r');
  const fresh = built(place, 'new');
  expect(marksIn(place)).toEqual(['old', 'old', 'old']);
  takePlace(fresh, place);
  expect(marksIn(place)).toEqual(['new', 'new', 'new']);
  expect(readFileSync(opened, 'utf8')).toBe('old');
});

test('two builds at once leave one that is whole, and nothing beside it', async () => {
  const parent = join(folder, 'two-builds');
  mkdirSync(parent);
  const place = join(parent, 'dist');
  await Promise.all(
    ['left', 'right'].map((mark) =>
      run(process.execPath, ['--input-type=module', '-e', builder(place, mark)]),
    ),
  );
  expect(new Set(marksIn(place)).size).toBe(1);
  expect(readdirSync(parent)).toEqual(['dist']);
});

test('what a killed build has left is removed by the next one, and what another is building is not', () => {
  const parent = join(folder, 'killed');
  // No process has a number as large.
  for (const left of ['.dist-4194305-abcdef', `.dist-${process.pid}-abcdef`, 'dist-notes'])
    mkdirSync(join(parent, left), { recursive: true });
  takePlace(built(join(parent, 'dist'), 'new'), join(parent, 'dist'));
  expect(readdirSync(parent).sort()).toEqual([`.dist-${process.pid}-abcdef`, 'dist', 'dist-notes']);
});
