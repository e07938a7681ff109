// JSON and Parquet that are nested without end are refused, wherever their rows are read: the engine calls itself for every level, and
// the stack that overflows is that of the process.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { fileOf } from '../../tlogfs/parquet-by-hand.js';

const LEVELS = 300_000;
const lists = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const objects = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;
const FILES = {
  'lists.json': lists,
  'row.json': `[{"a":1},\n{"a":${lists}}]`,
  'lists.jsonl': `{"a":1}\n{"a":${lists}}\n`,
  'objects.jsonl': `{"a":1}\n${objects}\n`,
  // No stack is too small for a thousand levels, but the row's type took half a gigabyte.
  'some.jsonl': `{"a":1}\n${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}\n`,
};

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(pond.host, name), text);
  writeFileSync(join(pond.host, 'zipped.jsonl.gz'), gzipSync(FILES['lists.jsonl']));
});
afterAll(() => pond.remove());

const hostFile = (name: string): string => `host://${join(pond.host, name)}`;
const lineOf = (name: string): number => (name === 'lists.json' ? 1 : 2);

/** What a command says that fails. */
const failure = async (...args: readonly string[]): Promise<string> => {
  const { code, stderr } = await callPond(args, { pond: pond.pond });
  expect([args, code]).toEqual([args, 1]);
  return stderr;
};

test.each(Object.keys(FILES))(
  '%s is not taken in as rows; as it is, it is a content, and no table',
  async (name) => {
    const said = `${name}, line ${lineOf(name)}: nested more than 100 levels deep`;
    expect(await failure('copy', '--as', 'table', hostFile(name), '/rows')).toContain(said);
    await pond.run(['copy', hostFile(name), `/in/${name}`]);
    for (const sql of [
      `SELECT count(*) FROM '/in/${name}'`,
      `SELECT a FROM read_json('/in/${name}', columns = {a: 'JSON'})`,
    ])
      expect(await failure('sql', sql)).toContain(
        `/in/${name}: nested more than 100 levels deep (line ${lineOf(name)})`,
      );
  },
);

test('what is compressed is looked at as what it becomes', async () => {
  expect(await failure('copy', '--as', 'table', hostFile('zipped.jsonl.gz'), '/rows')).toContain(
    'zipped.jsonl.gz, line 2: nested more than 100 levels deep',
  );
  await pond.run(['copy', hostFile('zipped.jsonl.gz'), '/in/zipped.jsonl']);
  expect(await failure('sql', "SELECT * FROM read_json('/in/zipped.jsonl', compression = 'gzip')")).toContain(
    '/in/zipped.jsonl: nested more than 100 levels deep (line 2)',
  );
});

test('a task that checks such a file fails, and its process goes on', async () => {
  const config = join(pond.host, 'validate.yaml');
  writeFileSync(
    config,
    'factory: validate\ncondition: { path_pattern: "/checked/*" }\nconfig: { columns: [{ name: a, required: true }] }\n',
  );
  await pond.run(['mknod', 'validate', '/etc/system.d/check', '--config-path', config]);
  const { code, stderr } = await callPond(['copy', hostFile('lists.jsonl'), '/checked/lists.jsonl'], {
    pond: pond.pond,
  });
  expect([code, stderr]).toEqual([3, expect.stringContaining('nested more than 100 levels deep (line 2)')]);
});

/** A file with one column within so many groups. */
const nestedParquet = (groups: number): Uint8Array =>
  fileOf({
    pages: [0],
    change: (metadata) => {
      const [root, column] = metadata.schema;
      if (root === undefined || column === undefined) throw new Error('no column');
      const names = Array.from({ length: groups }, () => 'a');
      metadata.schema = [
        root,
        ...names.map((name) => ({ name, num_children: 1, repetition_type: 'OPTIONAL' as const })),
        column,
      ];
      const chunk = metadata.row_groups[0]?.columns[0]?.meta_data;
      if (chunk !== undefined) chunk.path_in_schema = [...names, column.name];
    },
  });

test('a column of Parquet within more groups than there may be is neither taken in as a table nor queried', async () => {
  for (const groups of [255, 4_000]) {
    const name = `in-${groups}.parquet`;
    writeFileSync(join(pond.host, name), nestedParquet(groups));
    const table = `host+table://${join(pond.host, name)}`;
    expect(await failure('copy', table, '/table')).toContain('a schema of more than 255 layers');
    await pond.run(['copy', hostFile(name), `/in/${name}`]);
    for (const sql of [`SELECT * FROM '/in/${name}'`, `SELECT * FROM read_parquet('/in/${name}')`])
      expect(await failure('sql', sql)).toContain(
        `/in/${name} cannot be read as Parquet: a schema of more than 255 layers`,
      );
  }
  writeFileSync(join(pond.host, 'fewer.parquet'), nestedParquet(254));
  await pond.run(['copy', `host+table://${join(pond.host, 'fewer.parquet')}`, '/table']);
});
