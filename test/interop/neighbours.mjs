// Lets delta-rs do to a pond's table what it may do by the protocol, and then uses the pond: read, read an earlier
// state, write, check, maintain, check again.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const pondProgram = join(here, '../../dist/pond.cjs');

/** What delta-rs compacts with by default is ZSTD. `old`: the log's files are as if the pond were 40 days old. */
const CASES = [
  ...['compact', 'z-order', 'checkpoint', 'vacuum', 'clean-up'].map((what) => ({ what, old: false })),
  ...['SNAPPY', 'GZIP', 'BROTLI', 'LZ4', 'LZ4_RAW', 'ZSTD', 'UNCOMPRESSED'].map((what) => ({
    what,
    old: false,
  })),
  ...['compact', 'clean-up'].map((what) => ({ what, old: true })),
];

const COMMITS = 17;

export const compareNeighbours = ({ check }, python) => {
  if (!existsSync(pondProgram)) execFileSync(process.execPath, [join(here, '../build/bundle.mjs')]);
  const directory = mkdtempSync(join(tmpdir(), 'pond-neighbours-'));
  const original = join(directory, 'original');
  const used = join(directory, 'used');
  try {
    makePond(original);
    const root = contentRoot(original);
    for (const { what, old } of CASES) {
      rmSync(used, { recursive: true, force: true });
      cpSync(original, used, { recursive: true });
      if (old) makeOld(join(used, 'data/_delta_log'));
      execFileSync(python, [join(here, 'neighbours.py'), join(used, 'data'), what], { stdio: 'inherit' });
      const title = `after ${what} by delta-rs${old ? ' of an old log' : ''} the pond`;
      check(`${title} is the same`, contentRoot(used), root);
      check(
        `${title} shows an earlier state`,
        pond(used, 'cat', '/in/f3', '--at', '5'),
        'content 3\n'.repeat(300),
      );
      pond(used, 'copy', '-', '/in/new', { input: 'new\n' });
      pond(used, 'maintain', '--retention', '0s');
      check(`${title} takes writes and maintenance`, findings(used), '[]');
      check(`${title} has what was written`, pond(used, 'cat', '/in/new'), 'new\n');
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const pond = (directory, ...given) => {
  const { input } = typeof given.at(-1) === 'object' ? given.pop() : { input: '' };
  const run = spawnSync(
    process.execPath,
    [pondProgram, '--pond', directory, '--log-level', 'error', ...given],
    {
      encoding: 'utf8',
      input,
    },
  );
  if (run.status !== 0) return `pond ${given.join(' ')}: exit code ${run.status}: ${run.stderr}`;
  return run.stdout;
};

const makePond = (directory) => {
  pond(directory, 'init');
  for (let count = 1; count <= COMMITS; count += 1) {
    pond(directory, 'copy', '-', `/in/f${count}`, { input: `content ${count}\n`.repeat(300) });
  }
};

const fsck = (directory) => JSON.parse(pond(directory, 'fsck', '--json'));
const contentRoot = (directory) => fsck(directory).content_root;
const findings = (directory) =>
  JSON.stringify(fsck(directory).findings.filter(({ severity }) => severity !== 'note'));

const makeOld = (logDirectory) => {
  const then = new Date(Date.now() - 40 * 86_400_000);
  for (const name of readdirSync(logDirectory)) utimesSync(join(logDirectory, name), then, then);
};
