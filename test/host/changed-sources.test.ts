import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { hostPlansIn } from '../../src/host-plans/host-plans.js';
import type { HostOperation } from '../../src/host-plans/operations/host-operation.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import { memoryWorld, NEVER, planOf, ROOT, STATE } from './machinery/memory-world.js';

const MOUNT = `${ROOT}/mount`;

const build = (files: HostFileSystem, root: string): void => {
  files.makeDirectories(`${root}/tree`)();
  files.makeDirectories(MOUNT)();
  files.createFile(`${root}/tree/log`, Buffer.from('first'), { mode: 0o644, fsync: true })();
};

/** Somebody's write to a file at the moment when it has been copied and nobody has looked at it again. */
const WRITERS: readonly (readonly [string, (files: HostFileSystem, path: string) => void])[] = [
  [
    'is written to',
    (files, path) => {
      files.remove(path)();
      files.createFile(path, Buffer.from('first and second'), { mode: 0o644, fsync: true })();
    },
  ],
  [
    'is exchanged for another one of the same size',
    (files, path) => {
      files.createFile(`${path}.new`, Buffer.from('FIRST'), { mode: 0o644, fsync: true })();
      files.rename(`${path}.new`, path)();
    },
  ],
  ['is removed', (files, path) => files.remove(path)()],
];

const OPERATIONS: readonly HostOperation[] = [
  { id: 'a', kind: 'FileCopy', source: `${ROOT}/tree/log`, dest: `${ROOT}/copy` },
  { id: 'a', kind: 'FileBackup', source: `${ROOT}/tree/log`, backup: `${ROOT}/backup` },
  { id: 'a', kind: 'DirCopy', source: `${ROOT}/tree`, dest: `${ROOT}/tree2` },
  { id: 'a', kind: 'FileMove', from: `${ROOT}/tree/log`, to: `${MOUNT}/log` },
];

test.each(WRITERS.flatMap(([what, write]) => OPERATIONS.map((operation) => ({ what, write, operation }))))(
  'a plan whose source $what while $operation.kind copies it fails, and all else is as it was',
  async ({ write, operation }) => {
    const world = memoryWorld(build, [MOUNT]);
    const { ports, author } = world.process();
    const { onlooker } = world.memory;
    const files: HostFileSystem = {
      ...ports.files,
      copyFile: (from, to, as) => async () => {
        const copied = await ports.files.copyFile(from, to, as)();
        write(onlooker, from);
        return copied;
      },
    };
    const plans = hostPlansIn({ ...ports, ...author, files }, STATE);
    const done = await plans.execute(planOf([operation]), { concurrency: 1, signal: NEVER })();
    expect(isLeft(done) && done.left).toMatchObject({
      _tag: 'ExecutionFailed',
      report: {
        errors: [{ error: { _tag: 'SourceChanged', path: `${ROOT}/tree/log` } }],
        rollbackFailures: [],
      },
    });
    const names = world
      .tree()
      .map((line) => /\/tree\/?(\S*)/.exec(line)?.[1] ?? line)
      .join(' ');
    expect(names).not.toMatch(/copy|backup|tree2|mount\/log|pond-host-plan/);
  },
);
