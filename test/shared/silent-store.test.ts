// A store that takes connections and never answers keeps nobody who wants to end.

import { createServer } from 'node:http';
import { afterAll, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder('silent-store');
const silent = createServer(() => undefined);
afterAll(async () => {
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await removeFolder(folder);
});

it('a command that opens a pond ends where it is interrupted meanwhile', async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const at = silent.address();
  if (at === null || typeof at === 'string') throw new Error('it does not listen');
  const ending = new AbortController();
  const env = {
    POND: 's3://bucket/pond',
    POND_STATE_DIR: `${folder}/state`,
    POND_CACHE: `${folder}/copies`,
    AWS_ACCESS_KEY_ID: 'somebody',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'here',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${at.port}`,
  };
  silent.once('request', () => ending.abort());
  const begun = performance.now();
  const { code, stderr } = await callPond(['list'], {
    env,
    interrupt: ending.signal,
    workingDirectory: folder,
  });
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
});
