import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// Of whichever test file imports this.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, without symlinks in its path, that is gone after the tests of the file. */
export const temporaryFolder = (prefix: string): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `pond-${prefix}-`)));
  folders.push(folder);
  return folder;
};
