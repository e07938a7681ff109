import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { nodeAppendLogs } from '../../src/adapters/node/node-append-logs.js';
import { startChild } from '../control/child-process.js';
import { temporaryDirectory } from '../control/table.js';

test('what cannot be added whole is not there at all', async () => {
  const path = join(temporaryDirectory(), 'log');
  // Files of this process may have 8 blocks of 512 bytes (or of 1024, where the shell counts so).
  const child = await startChild(
    `
    import { nodeAppendLogs } from './src/adapters/node/node-append-logs.ts';
    const log = nodeAppendLogs.create(${JSON.stringify(path)})();
    const said = [100, 1_000_000, 50].map((size) => log.right.append(Buffer.alloc(size, 'x'), 'durable')());
    console.log(JSON.stringify(said.map(({ left }) => left?.code ?? 'added')));
    `,
    'ulimit -f 8',
  );
  expect(JSON.parse((await child.line()) ?? '')).toEqual(['added', 'EFBIG', 'added']);
  expect(readFileSync(path)).toHaveLength(150);
});

test('why it cannot be added is said even where nothing can be taken back', () => {
  const log = nodeAppendLogs.open('/dev/full')();
  if (isLeft(log)) throw new Error(log.left.code);
  expect(log.right.append(Buffer.from('x'), 'durable')()).toMatchObject({ left: { code: 'ENOSPC' } });
  log.right.close();
});
