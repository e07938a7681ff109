// Ponds that other engines do something to, and what must still be true of them afterwards.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const pondProgram = join(here, '../../dist/pond.cjs');

/** Commits of the ponds: fewer than 50 entries are not packed. */
const COMMITS = { plain: 17, packed: 65 };

/** Calls `work` with a folder for copies and what makes them: of a pond with each entry in its log, or with older ones packed. */
export const withPonds = async (work) => {
  if (!existsSync(pondProgram)) execFileSync(process.execPath, [join(here, '../build/bundle.mjs')]);
  const directory = mkdtempSync(join(tmpdir(), 'pond-neighbours-'));
  try {
    const originals = { plain: join(directory, 'plain'), packed: join(directory, 'packed') };
    for (const [base, commits] of Object.entries(COMMITS)) await makePond(originals[base], commits);
    pond(originals.packed, 'maintain', '--retention', '0s');
    if (!existsSync(join(originals.packed, 'data/_history'))) throw new Error('no log entry was packed');
    await work({
      roots: { plain: contentRoot(originals.plain), packed: contentRoot(originals.packed) },
      copyOf: (base, name, { old }) => {
        const copy = join(directory, name);
        cpSync(originals[base], copy, { recursive: true });
        if (old) makeOld(join(copy, 'data/_delta_log'));
        return copy;
      },
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** The pond is as it was, shows what it was, takes writes and maintenance, and checks without findings. */
export const checkUsed = (check, { directory, title, root }) => {
  check(`${title} is the same`, contentRoot(directory), root);
  check(`${title} is sound`, findings(directory), '[]');
  check(
    `${title} shows an earlier state`,
    pond(directory, 'cat', '/in/f3', '--at', '5'),
    'content 3\n'.repeat(300),
  );
  pond(directory, 'copy', '-', '/in/new', { input: 'new\n' });
  pond(directory, 'maintain', '--retention', '0s');
  check(`${title} takes writes and maintenance`, findings(directory), '[]');
  check(`${title} has what was written`, pond(directory, 'cat', '/in/new'), 'new\n');
};

const run = (directory, given, input = '') =>
  spawnSync(process.execPath, [pondProgram, '--pond', directory, '--log-level', 'error', ...given], {
    encoding: 'utf8',
    input,
  });

/** Output of `pond` in a pond; what it says where it fails. */
export const pond = (directory, ...given) => {
  const { input } = typeof given.at(-1) === 'object' ? given.pop() : {};
  const ended = run(directory, given, input);
  if (ended.status !== 0) return `pond ${given.join(' ')}: exit code ${ended.status}: ${ended.stderr}`;
  return ended.stdout;
};

/** Makes a pond by the library: a process for each commit would take most of the time. */
const makePond = async (directory, commits) => {
  const { Steward } = await import('../../dist/promises.js');
  await Steward.init(directory);
  const opened = await Steward.open(directory);
  await opened.write(({ fs }) => fs.mkdirAll('/in'));
  for (let count = 2; count <= commits; count += 1) {
    await opened.write(({ fs }) => fs.write(`/in/f${count}`, Buffer.from(`content ${count}\n`.repeat(300))));
  }
  await opened.close();
};

/** Report of `pond fsck`, which exits with 1 where it has found something. */
const fsck = (directory) => JSON.parse(run(directory, ['fsck', '--json']).stdout);
const contentRoot = (directory) => fsck(directory).content_root;
const findings = (directory) =>
  JSON.stringify(fsck(directory).findings.filter(({ severity }) => severity !== 'note'));

const makeOld = (logDirectory) => {
  const then = new Date(Date.now() - 40 * 86_400_000);
  for (const name of readdirSync(logDirectory)) utimesSync(join(logDirectory, name), then, then);
};
