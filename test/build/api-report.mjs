// Compares the surface of each entry point and its reference, as the build writes them to dist/api, with what stands in
// docs/api: nobody changes the surface without showing it. `npm run api` builds, and rewrites docs/api.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareReports, readReports } from './compare-reports.mjs';
import { FAULTS } from './declarations.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kept = join(root, 'docs/api');
const built = join(root, 'dist/api');

const rewrite = () => {
  const build = join(root, 'test/build/bundle.mjs');
  const { status } = spawnSync(process.execPath, [build], { cwd: root, stdio: 'inherit' });
  if (status !== 0) return 1;
  mkdirSync(kept, { recursive: true });
  for (const [name, text] of readReports(built)) writeFileSync(join(kept, name), text);
  return faults() === '' ? 0 : 1;
};

/** What has no name that its user could write down, or no doc comment that says what it means. */
const faults = () => readFileSync(join(built, FAULTS), 'utf8');

const compare = () => {
  if (faults() !== '') {
    console.error(
      `The library's surface has faults (src/pond-types.ts names the types of most entry points):\n${faults()}`,
    );
    return 1;
  }
  const differences = compareReports(readReports(kept), readReports(built));
  for (const difference of differences) console.error(difference);
  if (differences.length === 0) return 0;
  console.error('\nThe surface or its reference is not what docs/api says. If that is meant: npm run api');
  return 1;
};

process.exitCode = process.argv.includes('--write') ? rewrite() : compare();
