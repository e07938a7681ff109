import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { createMemoryPond } from '../../../src/memory-pond.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { runMain } from '../fakes.js';

/** A pond whose host has files that somebody appends to while they are read: those whose names begin with `growing`. */
const pondBesideWriter = async () => {
  const made = await createMemoryPond();
  const disk = made.disk.files;
  const growing = (files: HostFileSystem): HostFileSystem => ({
    ...files,
    async *streamFile(path: string) {
      for await (const bytes of files.streamFile(path)) {
        yield bytes;
        if (!path.includes('/growing')) continue;
        disk.remove(path)();
        disk.writeNewFile(path, Buffer.concat([bytes, Buffer.from('and more')]))();
      }
    },
  });
  const files = growing(disk);
  return {
    put: (path: string, text: string) => disk.writeNewFile(path, Buffer.from(text))(),
    directory: (path: string) => disk.makeDirectories(path)(),
    pond: (...argv: readonly string[]) =>
      runMain(argv, {
        open: () => TE.right({ ...made.steward, close: () => TE.right(undefined) }),
        files,
        hold: () => ({ files, release: () => undefined }),
      }),
  };
};

it('a file that changes while it is copied lands, is named, and the exit code says that not all is well', async () => {
  const { pond, put } = await pondBesideWriter();
  put('/growing.log', 'first');
  put('/quiet.log', 'quiet');
  const { code, stdout, stderr } = await pond(
    'copy',
    'host:///growing.log',
    'host:///quiet.log',
    '/in/',
    '--json',
  );
  expect(code).toBe(3);
  expect(stderr).toContain('warning: /growing.log changed while it was copied');
  expect(stderr).not.toContain('quiet');
  expect(JSON.parse(stdout)).toMatchObject({ status: 'committed', changed_while_copied: ['/growing.log'] });
  expect((await pond('copy', 'host:///quiet.log', '/in/again')).code).toBe(0);
});

it('so it is with the files of a tree', async () => {
  const { pond, put, directory } = await pondBesideWriter();
  directory('/tree/sub');
  put('/tree/quiet', 'quiet');
  put('/tree/sub/growing', 'first');
  const { code, stdout, stderr } = await pond('copy', '-r', 'host:///tree', '/in', '--json');
  expect(code).toBe(3);
  expect(stderr).toContain('/tree/sub/growing changed while it was copied');
  expect(JSON.parse(stdout)).toMatchObject({ changed_while_copied: ['/tree/sub/growing'] });
});

it('a file that changes while apply reads it is an error, and nothing is written', async () => {
  const { pond, put } = await pondBesideWriter();
  put('/growing', 'first');
  put('/set-up.yaml', 'files: [{ path: /in/a, from: growing }]');
  const { code, stderr } = await pond('apply', '/set-up.yaml');
  expect(code).toBe(1);
  expect(stderr).toContain('/growing changed while it was read; nothing was written');
  expect((await pond('ls', '-d', '/in/a')).code).toBe(1);
});
