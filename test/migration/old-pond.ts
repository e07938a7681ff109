import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ARCHIVE = fileURLToPath(new URL('../fixtures/pond-0.1.0.tar.gz', import.meta.url));

/**
 * A pond that version 0.1.0 made: 24 commits with files in `/in`, entries of every kind in `/etc/system.d`, 52 tasks that
 * completed, failed, were skipped, rejected and retried, and records of reads.
 */
export const oldPond = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'pond-0.1.0-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', directory]);
  return join(directory, 'pond');
};
