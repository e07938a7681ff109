import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Commands of a day: what arrives, what follows, what goes wrong and is repaired, what is asked about it. */
const script = (folder: string): readonly (readonly string[])[] => [
  ['mkdir', '/in'],
  ['copy', `host://${folder}/readings.csv`, '/in/readings.csv'],
  ['mknod', 'test-executor', '/etc/system.d/20-note', '--config', 'message: noted'],
  ['mknod', 'test-executor', '/etc/system.d/30-fail', '--config', 'fail: true'],
  ['copy', `host://${folder}/large.bin`, '/in/large.bin'],
  ['control', 'retry', '6'],
  ['control', 'dismiss', '6'],
  ['rm', '/etc/system.d/30-fail'],
  [
    'cat',
    '/in/readings.csv',
    '--sql',
    'SELECT station, avg(value) AS mean FROM source GROUP BY station ORDER BY 1',
  ],
  ['sql', "SELECT count(*) AS n FROM '/in/readings.csv'"],
  ['mv', '/in/readings.csv', '/in/moved.csv'],
  ['cp', '/in/moved.csv', '/in/copied.csv'],
  ['list', '-l', '--json'],
  ['list', '--at', '3'],
  ['versions', '/in/moved.csv', '--json'],
  ['diff', '3', '8', '--json'],
  ['revert', '7'],
  ['log', '/in/moved.csv', '--json'],
  ['plan', '6', '--json'],
  ['control', '--json'],
  ['control', '--incomplete'],
  ['status', '--json'],
  ['show-post-commit', '6'],
  ['recover'],
  ['maintain', '--json'],
  ['fsck', '--json'],
  ['rm', '/nowhere'],
  // A task that no machine runs, until somebody has had enough of it.
  [
    'mknod',
    'test-executor',
    '/etc/system.d/40-there',
    '--config',
    'factory: test-executor\nhost: elsewhere\nqueue: gpu\nconfig: { message: there }',
  ],
  ['plan', '--json'],
  ['mkdir', '/next'],
  ['workers'],
  ['workers', '--json'],
  ['status'],
  ['control', 'cancel', '12.3', '--reason', 'not today'],
  ['control', 'retry', '12.3'],
  ['control', 'cancel', '12'],
  ['control', 'dismiss', '12.3'],
  ['show-post-commit', '12'],
  ['control', 'cancel', '12.3'],
  ['fsck', '--json'],
];

/** The same without what is another one each time: names of things, times, and where the pond is. */
const plain = (text: string, address: string): string =>
  text
    .replaceAll(address, 'ADDRESS')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
    .replace(/"(timestamp|duration_ms|bytes|started_at|completed_at|pid|oldest_age_ms)": ?[\d.]+/g, '"$1":0')
    .replace(/"trace_id": ?"[0-9a-f]+"/g, '"trace_id":""')
    .replace(/"content_root": ?"[0-9a-f]+"/g, '"content_root":""')
    .replace(/\b\d+(\.\d+)? ?(ms|s)\b/g, 'DURATION');

it('a pond in a store answers every command as one in a directory does', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder('shared-same');
  writeFileSync(join(folder, 'readings.csv'), 'station,value\na,1\na,3\nb,5\n');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(70_000, 3));
  const env = {
    POND_STATE_DIR: join(folder, 'state'),
    POND_CACHE: join(folder, 'cache'),
    POND_CONTROL: `file://${folder}/control`,
  };
  const said = async (pond: string) => {
    const results: string[] = [];
    for (const args of [['init', '--birthplace', 'here'], ...script(folder)]) {
      const { code, stdout, stderr } = await callPond(args, { pond, env });
      results.push(plain(`${args.join(' ')}\n${code}\n${stdout}\n${stderr}`, pond));
    }
    return results;
  };
  const local = await said(join(folder, 'pond'));
  const shared = await said(`file://${folder}/store`);
  for (const [index, text] of local.entries()) {
    if (index > 0) expect(shared[index]).toBe(text);
  }
});
