import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { writeHostFile } from '../../../src/cli/copy/write-host-file.js';
import { describeCliError } from '../../../src/cli/words/describe-cli-error.js';

async function* content() {
  yield Buffer.from('a,b\n');
}

/** What is said of a copy to /out/a.csv on a disk where these calls fail so. */
const said = async (faults: Readonly<Record<string, string>>): Promise<string> => {
  const memory = createMemoryFileSystem({ fault: ({ call }) => faults[call] ?? null });
  memory.onlooker.makeDirectories('/out')();
  const written = await writeHostFile(
    memory.files,
    { root: '/out', names: ['a.csv'] },
    { content: content(), temporaryName: '.pond-1' },
  )();
  return isLeft(written) ? describeCliError(written.left) : 'written';
};

describe('a file that cannot be written to the host', () => {
  it.each([
    ['open', 'EROFS', 'the file system is read-only (EROFS)'],
    ['open', 'EACCES', 'permission denied (EACCES)'],
    ['write', 'ENOSPC', 'no space left on the device (ENOSPC)'],
    ['rename', 'EPERM', 'not permitted (EPERM)'],
  ])('is called by its own name: %s fails with %s', async (call, code, words) => {
    expect(await said({ [call]: code })).toBe(`host file /out/a.csv: ${call} failed: ${words}`);
  });

  it('is told why, also where nothing can be removed there either', async () => {
    expect(await said({ open: 'EROFS', unlink: 'EROFS' })).toContain('open failed');
    expect(await said({})).toBe('written');
  });
});
