// A build is made in a folder of its own, which then takes the place of the one before by renaming: whoever runs what was built
// keeps a whole product, and of several builds at once each leaves one.

import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const prefixOf = (place) => `.${basename(place)}-`;

/** Whether the process still lives that made the folder of this name, `.dist-PID-abcdef`. */
const isInUse = (name, prefix) => {
  try {
    process.kill(Number.parseInt(name.slice(prefix.length), 10), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** A new folder beside `place`; those that killed builds have left there are removed. */
export const freshFolder = (place) => {
  const prefix = prefixOf(place);
  const left = readdirSync(dirname(place)).filter((name) => name.startsWith(prefix));
  for (const name of left.filter((other) => !isInUse(other, prefix)))
    rmSync(join(dirname(place), name), { recursive: true, force: true });
  return mkdtempSync(join(dirname(place), `${prefix}${process.pid}-`));
};

const renamed = (from, to, expected) => {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (expected.includes(error.code)) return false;
    throw error;
  }
};

/** Puts the folder `fresh` in the place of `place`, which need not be there yet, and removes what was there. */
export const takePlace = (fresh, place) => {
  // Another build may have put its own there after this one has moved away what was there.
  while (!renamed(fresh, place, ['ENOTEMPTY', 'EEXIST'])) {
    const old = mkdtempSync(join(dirname(place), `${prefixOf(place)}${process.pid}-`));
    renamed(place, old, ['ENOENT']);
    rmSync(old, { recursive: true, force: true });
  }
};
