// Lets delta-rs do to a pond's table what it may do by the protocol, and then uses the pond: read, read an earlier
// state, write, check, maintain, check again.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkUsed, withPonds } from './used-pond.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** What delta-rs compacts with by default is ZSTD. `old`: the log's files are as if the pond were 40 days old. */
const CASES = [
  ...['compact', 'z-order', 'checkpoint', 'vacuum', 'clean-up'].map((what) => ({ what, old: false })),
  ...['SNAPPY', 'GZIP', 'BROTLI', 'LZ4', 'LZ4_RAW', 'ZSTD', 'UNCOMPRESSED'].map((what) => ({
    what,
    old: false,
  })),
  ...['compact', 'clean-up'].map((what) => ({ what, old: true })),
].map((one) => ({ ...one, base: 'plain' }));

const PACKED_CASES = ['compact', 'z-order', 'checkpoint', 'vacuum', 'clean-up'].map((what) => ({
  what,
  base: 'packed',
  old: what === 'clean-up',
}));

export const compareNeighbours = ({ check }, python) =>
  withPonds(({ roots, copyOf }) => {
    for (const { what, old, base } of [...CASES, ...PACKED_CASES]) {
      const directory = copyOf(base, 'used', { old });
      execFileSync(python, [join(here, 'neighbours.py'), join(directory, 'data'), what], {
        stdio: 'inherit',
      });
      const kinds = `${old ? ' of an old log' : ''}${base === 'packed' ? ' of a packed log' : ''}`;
      checkUsed(check, {
        directory,
        root: roots[base],
        title: `after ${what} by delta-rs${kinds} the pond`,
      });
      rmSync(directory, { recursive: true });
    }
  });
