import { expect, test } from 'vitest';
import { lackOf } from '../../../src/adapters/duckdb/messages/lack-of-memory.js';

const FULL = `Out of Memory Error: failed to offload data block of size 96.0 KiB (7.1 MiB/7.1 MiB used).
This limit was set by the 'max_temp_directory_size' setting.
By default, this setting utilizes the available disk space on the drive where the 'temp_directory' is located.
You can adjust this setting, by using (for example) PRAGMA max_temp_directory_size='10GiB'`;

test('a full disk of temporary files is named by what it is, with what makes room there', () => {
  const bounds = (workspace: string) => ({ workspace, memoryLimit: '1GB' });
  expect(lackOf(FULL, bounds('/srv/pond/control/queries/1'))).toEqual({
    _tag: 'QueryFailed',
    message:
      "what does not fit into 1GB of memory goes to temporary files in the pond's directory control/queries, and there is no room for more (7.1 MiB are there)",
    remedy: 'make room on its disk; or ask for less at once',
    lacks: 'space',
  });
  for (const message of [
    FULL,
    'IO Error: Could not write file "temporary files/overflow/1": No space left on device',
  ])
    expect(lackOf(message, bounds('/tmp/pond-queries-1000/1'))).toMatchObject({
      message: expect.stringContaining(
        "temporary files in the system's directory for them, and there is no room",
      ),
      remedy: 'set TMPDIR to a directory with more room; or ask for less at once',
    });
  for (const message of [
    'Binder Error: no such column',
    'IO Error: Could not write file "/out/temporary files/1": No space left on device',
  ])
    expect(lackOf(message, bounds('/tmp/1'))).toBeNull();
});
