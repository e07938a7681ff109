// Installs the dependencies when node_modules is not what package-lock.json says. Needs nothing but Node, so that
// one command works on a fresh clone. Import it for its effect, or run it.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const packagesIn = (lockFile) => {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
};

/** What keeps node_modules from being used as it is, or null. npm writes its own lock file there last of all. */
const reasonToInstall = () => {
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  if (installed === null) return 'the dependencies are not installed yet';
  // Packages for other platforms are in the lock file, but never in node_modules.
  const differing = Object.entries(wanted).find(
    ([path, entry]) =>
      path !== '' &&
      !(entry.optional === true && installed[path] === undefined) &&
      (installed[path]?.version !== entry.version || installed[path]?.integrity !== entry.integrity),
  );
  return differing === undefined ? null : `${differing[0]} is not what package-lock.json says`;
};

// Not `npm ci`: it refuses a lock file without the builds for other platforms, which not every registry has.
const reason = reasonToInstall();
if (reason !== null) {
  console.log(`npm install (${reason})`);
  const { status, error } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(`npm install failed${error === undefined ? '' : `: ${error.message}`}`);
    process.exit(1);
  }
}
