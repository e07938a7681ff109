import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { passwordFor } from '../../src/adapters/postgres/password-file.js';
import { postgresServers } from '../../src/adapters/postgres/postgres-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder('passwords');
const ASKED = { host: 'db.internal', port: 5432, database: 'ponds', user: 'pond' };

const passwordFile = async (name: string, lines: readonly string[]): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  await chmod(path, 0o600);
  return path;
};

beforeEach(() => vi.stubEnv('PGPASSWORD', undefined));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('a password comes from $PGPASSWORD, else from the first line of a file that fits', async () => {
  const file = await passwordFile('passwords', [
    '# db.internal:5432:ponds:pond:a comment',
    'db.internal:5433:ponds:pond:another port',
    'db.internal:*:ponds:pond:a\\:colon and a \\\\',
    '*:*:*:*:later',
  ]);
  expect(passwordFor(ASKED, { PGPASSFILE: file })).toBe('a:colon and a \\');
  expect(passwordFor({ ...ASKED, user: 'other' }, { PGPASSFILE: file })).toBe('later');
  expect(passwordFor(ASKED, { PGPASSFILE: file, PGPASSWORD: 'given' })).toBe('given');
  expect(passwordFor(ASKED, { PGPASSFILE: file, PGPASSWORD: '' })).toBe(
    passwordFor(ASKED, { PGPASSFILE: file }),
  );
  expect(passwordFor(ASKED, { PGPASSFILE: `${file}-not-there`, PGPASSWORD: '' })).toBeUndefined();
  expect(passwordFor(ASKED, { PGPASSFILE: `${file}-that-is-not-there` })).toBeUndefined();
});

test("a file is looked for in the user's home directory, and never where somebody stands", async () => {
  const home = join(folder, 'home');
  const here = join(folder, 'here');
  await mkdir(home);
  await mkdir(here);
  await passwordFile('home/.pgpass', ['*:*:*:*:of the user']);
  await passwordFile('here/.pgpass', ['*:*:*:*:of whoever made this directory']);
  const before = process.cwd();
  process.chdir(here);
  try {
    expect(passwordFor(ASKED, { HOME: home })).toBe('of the user');
    for (const HOME of [undefined, '', '.', 'here'])
      expect(passwordFor(ASKED, { HOME })).not.toBe('of whoever made this directory');
  } finally {
    process.chdir(before);
  }
});

test('a file that others may read, or that is none, is refused with its name', async () => {
  const file = await passwordFile('open', ['*:*:*:*:secret']);
  await chmod(file, 0o640);
  expect(() => passwordFor(ASKED, { PGPASSFILE: file })).toThrow(
    `${file}, a file of passwords, can be read by others`,
  );
  expect(() => passwordFor(ASKED, { PGPASSFILE: '/dev/null' })).toThrow('is not a regular file');
});

/** Address of a server that sends these bytes once it has heard something, and passes on what it hears next. */
const answering = async (first: Buffer, ended: (heard: Buffer) => void = () => undefined) => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(first);
      socket.once('data', (answer) => {
        ended(answer);
        socket.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { port, address: `postgres://u@127.0.0.1:${port}/db` };
};

/** Message by which a server asks for a password. */
const ASKING = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

test('a server that asks gets it, and nothing is warned of', async () => {
  const answers: string[] = [];
  const { port, address } = await answering(ASKING, (heard) =>
    answers.push(heard.subarray(5, -1).toString()),
  );
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
  vi.stubEnv('PGPASSFILE', await passwordFile('asked', [`127.0.0.1:${port}:db:u:from the file`]));
  const opened = await postgresServers.open(address, { schema: 's' })();
  expect(opened).toMatchObject({ left: { _tag: 'SqlError' } });
  expect(answers).toEqual(['from the file']);
  expect(warned).not.toHaveBeenCalled();
});

test('where there is none for a server that asks, that is said with the places that were looked at', async () => {
  const { address } = await answering(ASKING);
  vi.stubEnv('PGPASSFILE', await passwordFile('of-others', ['elsewhere:*:*:*:secret']));
  expect(await postgresServers.open(address, { schema: 's' })()).toMatchObject({
    left: { code: 'ENOPASSWORD', message: expect.stringContaining('$PGPASSWORD') },
  });
});

test('a server without TLS is refused where the address asks for it, without a warning about the mode', async () => {
  const { address } = await answering(Buffer.from('N'));
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
  for (const mode of ['require', 'verify-ca', 'verify-full'])
    expect(await postgresServers.open(`${address}?sslmode=${mode}`, { schema: 's' })()).toMatchObject({
      left: { _tag: 'SqlError', message: expect.stringContaining('SSL') },
    });
  expect(warned).not.toHaveBeenCalled();
});
