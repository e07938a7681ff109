// Whatever stands in a pond where a file or a directory of its own belongs: every command refuses it by name, at once,
// and nothing outside the pond's directory changes.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import type { Program } from '../../../src/cli/program.js';
import { assemble } from '../../../src/composition-root.js';
import { livePorts } from '../../../src/live-ports.js';
import type { Steward } from '../../../src/steward/steward.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const program: Program = assemble(livePorts(silentLogger));

/** What can be done with a pond: reading, writing, checking and repairing it. Each ends, by itself or by an error. */
const USES: Readonly<Record<string, (pond: string) => Promise<unknown>>> = {
  fsck: (pond) => program.fsck(pond, {})(),
  read: using((steward) => steward.read(({ fs }) => fs.collectMatches('/**/*'))),
  'read a blob': using((steward) =>
    steward.read(({ fs }) =>
      pipe(
        fs.read('/in/blob'),
        TE.flatMap((bytes) => TE.fromTask(() => drained(bytes).catch((error: unknown) => error))),
      ),
    ),
  ),
  write: using((steward) => steward.write(({ fs }) => fs.write('/in/new', randomBytes(100_000)))),
  recover: using((steward) => steward.recover()),
  maintain: using((steward) => steward.maintain({})),
  incomplete: using((steward) => steward.incomplete()),
  transactions: using((steward) =>
    steward.transactions({ txnSeq: null, limit: 5, transactionTypes: ['write'] }),
  ),
  'rebuild the control table': (pond) => program.rebuildControl(pond, {})(),
  'host checkpoints': async (pond) => program.hostPlans(pond).list(),
  'host recover': (pond) => program.hostPlans(pond).recover({ again: true })(),
};

function using(body: (steward: Steward) => TE.TaskEither<unknown, unknown>) {
  return async (pond: string): Promise<unknown> => {
    const opened = await program.open(pond, { cliArgs: ['test'] })();
    if (isLeft(opened)) return opened;
    try {
      return await body(opened.right)();
    } finally {
      await opened.right.close()();
    }
  };
}

const drained = async (bytes: AsyncIterable<Uint8Array>): Promise<number> => {
  let size = 0;
  for await (const chunk of bytes) size += chunk.length;
  return size;
};

/** A file or directory of a pond's that exists, or would be made. */
interface Place {
  readonly path: string;
  readonly kind: 'file' | 'directory';
}

const files = (...paths: string[]): Place[] => paths.map((path) => ({ path, kind: 'file' }));
const directories = (...paths: string[]): Place[] => paths.map((path) => ({ path, kind: 'directory' }));

/** A name as a pond has it; the first file of a directory where it ends in `*`. */
const PLACES: readonly Place[] = [
  ...files(
    'data/_delta_log/00000000000000000000.json',
    'data/_delta_log/00000000000000000011.json',
    'data/_delta_log/00000000000000000010.checkpoint.parquet',
    'data/_delta_log/_last_checkpoint',
    'data/part-*',
    'data/_blobs/sha256/*/*',
    'control/control.db',
    'control/control.db-wal',
    'control/control.db-shm',
    'control/control.db-journal',
    'control/writer.lock',
    'control/runners/0190a0a0-0000-7000-8000-000000000000.lock',
    'control/host-plans/0190a0a0-0000-7000-8000-000000000000.journal',
    'control/host-plans/0190a0a0-0000-7000-8000-000000000000.lock',
    'control/queries/0190a0a0-0000-7000-8000-000000000002.lock',
    'control/place.json',
    'control/replica.json',
    'control/remotes/0123456789abcdef.json',
    `control/derived/${'a'.repeat(64)}-${'b'.repeat(64)}`,
    'control/output/0/1.1-1.jsonl',
    'data/_history/00000000000000000000-00000000000000000009.pack',
  ),
  ...directories(
    'data/_delta_log',
    'data/_staging',
    'data/_blobs',
    'data/_blobs/sha256',
    'data/_blobs/sha256/*',
    'control/runners',
    'control/host-plans',
    'control/host-exports',
    'control/queries',
    'control/queries/0190a0a0-0000-7000-8000-000000000002',
    'control/remotes',
    'control/derived',
    'control/merged',
    'control/output',
    'control/output/0',
    'data/_history',
  ),
];

/** What is put there instead, with what it must be called. */
const KINDS: Readonly<Record<string, (path: string, was: Place, victim: string) => void>> = {
  'a symlink to the victim': (path, was, victim) =>
    symlinkSync(was.kind === 'directory' ? victim : join(victim, 'file'), path),
  'a dangling symlink': (path) => symlinkSync('/nowhere/at/all', path),
  'a symlink to itself': (path) => symlinkSync(path, path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a socket': (path) => socketAt(path),
  'the other kind': (path, was) =>
    was.kind === 'file' ? mkdirSync(path) : writeFileSync(path, 'no directory'),
};

/** A process that has made a socket and gone leaves it behind. */
const socketAt = (path: string): void => {
  const script = `const s = require('node:net').createServer(); s.listen(${JSON.stringify('s')}, () => process.kill(process.pid, 'SIGKILL'))`;
  // A socket's path may be no longer than 108 bytes.
  try {
    execFileSync(process.execPath, ['-e', script], { cwd: dirname(path), stdio: 'ignore' });
  } catch {
    renameSync(join(dirname(path), 's'), path);
  }
};

let home: string;
let model: string;

beforeAll(async () => {
  home = temporaryFolder('security');
  model = join(home, 'model');
  await program.init(model, {})();
  for (let count = 0; count < 12; count += 1) {
    await using((steward) => steward.write(({ fs }) => fs.mkdirAll(`/d${count}`)))(model);
  }
  await using((steward) =>
    steward.write(({ fs }) =>
      pipe(
        fs.mkdirAll('/in'),
        TE.flatMap(() => fs.write('/in/blob', Buffer.alloc(100_000, 7))),
      ),
    ),
  )(model);
  await using((steward) => steward.maintain({}))(model);
});

/** The place itself, with `*` as the first name there is. */
const resolved = (pond: string, path: string): string =>
  path.split('/').reduce((at, name) => {
    if (!name.includes('*')) return join(at, name);
    const start = name.slice(0, name.indexOf('*'));
    const first = readdirSync(at).find((candidate) => candidate.startsWith(start));
    if (first === undefined) throw new Error(`${at} has nothing like ${name}`);
    return join(at, first);
  }, pond);

const treeOf = (folder: string): unknown =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, size, mtimeMs } = lstatSync(path);
      return [path, mode, size, mtimeMs, entry.isFile() ? readFileSync(path, 'utf8') : null];
    })
    .toSorted();

const victimAt = (folder: string): string => {
  const victim = join(folder, 'victim');
  mkdirSync(join(victim, 'sub'), { recursive: true });
  writeFileSync(join(victim, 'file'), 'precious');
  mkdirSync(join(victim, '0190a0a0-0000-7000-8000-000000000002'));
  writeFileSync(join(victim, '0190a0a0-0000-7000-8000-000000000002/file'), 'precious');
  writeFileSync(join(victim, '0190a0a0-0000-7000-8000-000000000000.json'), 'precious');
  writeFileSync(join(victim, '0190a0a0-0000-7000-8000-000000000000-1.blob'), 'precious');
  writeFileSync(
    join(victim, '0190a0a0-0000-7000-8000-000000000000.0190a0a0-0000-7000-8000-000000000001'),
    'precious',
  );
  writeFileSync(join(victim, '0190a0a0-0000-7000-8000-000000000000.lock'), '');
  return victim;
};

let count = 0;
/** `npm run test:security` tries everything in every place; `npm test` one or two things in each, in turn. */
const isWhole = process.env.POND_TEST_SECURITY === 'whole';
const CASES = PLACES.flatMap((place, index) =>
  Object.keys(KINDS)
    .filter((_, kind) => isWhole || kind === index % 6 || (index % 2 === 0 && kind === (index + 3) % 6))
    .map((what) => ({ ...place, name: place.path, what })),
);

test.each(CASES)('$what in place of $name is refused by name and leads nowhere', async (place) => {
  count += 1;
  const folder = join(home, String(count));
  mkdirSync(folder);
  const victim = victimAt(folder);
  const pond = join(folder, 'pond');
  const before = treeOf(victim);
  const told = new Set<string>();
  cpSync(model, pond, { recursive: true, verbatimSymlinks: true });
  const path = resolved(pond, place.path);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  KINDS[place.what]?.(path, place, victim);
  for (const [use, run] of Object.entries(USES)) {
    const outcome = JSON.stringify(await run(pond));
    if (outcome.includes('"UnsafeFile"')) told.add(use);
    expect(treeOf(victim), use).toEqual(before);
  }
  expect([...told]).toContain('fsck');
  rmSync(folder, { recursive: true, force: true });
});
