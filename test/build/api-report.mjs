// Compares the surface of each entry point and its reference, as the build writes them to dist/api, with what stands in
// docs/api: nobody changes the surface without showing it. `npm run api` rewrites docs/api, and leaves dist as it is.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareReports, FAULTS, readReports } from './compare-reports.mjs';
import { freshFolder } from './fresh-folder.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kept = join(root, 'docs/api');
const dist = join(root, 'dist');
const built = join(dist, 'api');

/** Declarations are built beside dist: types of packages are looked for in the folders above. */
const rewrite = async () => {
  // The compiler's programs in JavaScript take a second to load.
  const { buildDeclarations } = await import('./declarations.mjs');
  process.chdir(root);
  const fresh = freshFolder(dist);
  try {
    const faults = buildDeclarations({ root, outdir: fresh });
    mkdirSync(kept, { recursive: true });
    for (const [name, text] of readReports(join(fresh, 'api'))) writeFileSync(join(kept, name), text);
    if (faults.length > 0) console.error(withFaults(faults.join('\n')));
    return faults.length === 0 ? 0 : 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
};

/** What has no name that its user could write down, or no doc comment that says what it means. */
const withFaults = (faults) =>
  `The library's surface has faults (src/pond-types.ts names the types of most entry points):\n${faults}`;

const compare = () => {
  const faults = readFileSync(join(built, FAULTS), 'utf8');
  if (faults !== '') {
    console.error(withFaults(faults));
    return 1;
  }
  const differences = compareReports(readReports(kept), readReports(built));
  for (const difference of differences) console.error(difference);
  if (differences.length === 0) return 0;
  console.error('\nThe surface or its reference is not what docs/api says. If that is meant: npm run api');
  return 1;
};

process.exitCode = process.argv.includes('--write') ? await rewrite() : compare();
