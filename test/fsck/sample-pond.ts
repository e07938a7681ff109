import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { onTestFinished } from 'vitest';
import { steps } from '../../src/effects/steps.js';
import { type PondWriter, Steward } from '../../src/index.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import { seriesVersion } from '../support/series-version.js';

type Task<E, A> = TE.TaskEither<E, A>;

export const must = async <E, A>(task: Task<E, A>): Promise<A> => {
  const outcome = await task();
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

/** Bytes that look like nothing else, the same in each run. */
export const bytesOf = (length: number, seed: string): Buffer => {
  const parts: Buffer[] = [];
  for (let part = 0; part * 32 < length; part += 1) {
    parts.push(createHash('sha256').update(`${seed}/${part}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
};

export const BLOB = bytesOf(150_000, 'blob');

/** One write transaction per step. */
export const write = async (
  pond: Steward,
  ...changes: readonly ((fs: PondWriter) => Task<TinyFsError, unknown>)[]
): Promise<void> => {
  await must(
    pond.write(({ fs }) =>
      steps(async (s) => {
        for (const change of changes) await s.run(change(fs));
      }),
    ),
  );
};

const text = (content: string): Uint8Array => Buffer.from(content);

/**
 * A pond with everything that there is: files inside rows and as blobs, a series, dynamic nodes, a symlink, renames
 * and moves, what was removed, tasks that completed and that failed, reads, merged files, a checkpoint, and commits
 * after it.
 */
export const makeSamplePond = async (directory: string): Promise<void> => {
  await must(Steward.init(directory, { birthplace: 'here' }));
  await must(
    Steward.using(directory, (pond) =>
      TE.tryCatch(
        async () => {
          const dynamic = (path: string, factory: string, config: string) => (fs: PondWriter) =>
            fs.createDynamicPath(path, 'file:dynamic', factory, text(config), { overwrite: false });
          await write(
            pond,
            dynamic('/etc/system.d/10-ok', 'test-executor', 'message: hi'),
            dynamic('/etc/system.d/20-no', 'test-executor', 'message: no\nfail: true'),
          );
          await write(pond, (fs) => fs.mkdirAll('/in/deep/er'));
          await write(pond, (fs) => fs.write('/in/a.txt', text('first\n')));
          await write(pond, (fs) => fs.write('/in/big.bin', BLOB));
          await write(pond, (fs) => fs.write('/in/other.bin', bytesOf(70_000, 'other')));
          await write(pond, dynamic('/made.txt', 'test-file', 'content: made'));
          await write(pond, (fs) => fs.symlink('/in/a.txt', '/link'));
          for (const day of ['one\n', 'two\n', 'three\n']) {
            await write(pond, (fs) => fs.write('/series', seriesVersion(day), { entryType: 'series' }));
          }
          await write(pond, (fs) => fs.rename('/in/deep', '/moved'));
          await write(pond, (fs) => fs.rename('/in/a.txt', '/in/b.txt'));
          await write(pond, (fs) => fs.write('/in/gone.txt', text('gone')));
          await write(pond, (fs) => fs.remove('/in/gone.txt'));
          await write(pond, (fs) => fs.write('/in/b.txt', text('second\n')));
          await must(pond.read(({ fs }) => fs.list('/in')));
          await write(pond, (fs) => fs.write('/last.txt', text('the last')));
        },
        (error) => error,
      ),
    ),
  );
};

/** An empty place that is gone after the test. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'pond-fsck-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** A copy of a pond, gone after the test. */
export const copyOf = (pond: string): string => {
  const copy = join(temporaryDirectory(), 'pond');
  cpSync(pond, copy, { recursive: true });
  return copy;
};
