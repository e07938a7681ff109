import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLOSED, close, inEngine } from '../../../src/adapters/duckdb/confined-engine.js';
import { refusedName } from '../../../src/adapters/duckdb/statements/refused-names.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/* Guards that stand behind others: what the ones before let through is stopped by each of them alone. */

it('nothing about a closed engine can be changed, whatever reaches it', async () => {
  const { signal } = new AbortController();
  await inEngine(CLOSED, { signal }, async (connection) => {
    await close(connection, []);
    for (const sql of ["SET memory_limit = '100GB'", "SET TimeZone = 'Europe/Vienna'", 'RESET threads'])
      await expect(connection.run(sql)).rejects.toThrow(/locked/);
  });
});

it('a closed engine opens its files and no others, whatever reaches it', async () => {
  const folder = temporaryFolder('pond-guards-');
  const [given = '', other = ''] = ['given.csv', 'other.csv'].map((name) => join(folder, name));
  for (const file of [given, other]) writeFileSync(file, 'a\n1\n');
  const { signal } = new AbortController();
  await inEngine(CLOSED, { signal }, async (connection) => {
    await close(connection, [given]);
    expect((await connection.runAndReadAll(`FROM read_csv('${given}')`)).getRows()).toHaveLength(1);
    await expect(connection.run(`FROM read_csv('${other}')`)).rejects.toThrow(/disabled|Permission/);
  });
});

it.each([
  'getenv',
  'GETENV',
  'current_setting',
  'read_text',
  'glob',
  'query',
  'set_allowed_paths',
  'enable_peg_parser',
])('%s is refused by its name, also where no engine knows it yet', (name) => {
  expect(refusedName(name)).toBe(name.toLowerCase());
});
