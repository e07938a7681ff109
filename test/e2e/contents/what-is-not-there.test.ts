import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const hostFile = (name: string, content: string): string => {
  const path = join(pond.host, name);
  writeFileSync(path, content);
  return `host://${path}`;
};

const refusal = async (code: number, ...args: readonly string[]): Promise<string> =>
  (await pond.run(args, { expect: code })).stderr;

describe('an export of derived files', () => {
  const filesIn = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes('/.'))
      .map((entry) => entry.name)
      .toSorted();

  let pond: TempPond;
  beforeAll(async () => {
    pond = await tempPond(callPond);
  });
  afterAll(() => pond.remove());

  it('leaves out what there is nothing yet to make of, and fails once something of it was published', async () => {
    const [mirror, versions, bucket] = ['mirror', 'versions', 'bucket'].map((name) => join(pond.host, name));
    const config = {
      nodes: [
        {
          path: '/derived/north',
          factory: 'temporal-reduce',
          config: { source: '/s/north', time_column: 'time', every: ['1h'], aggregates: { v: ['avg'] } },
        },
        {
          path: '/derived/all.csv',
          factory: 'sql-derived',
          config: { sql: "SELECT count(*) AS n FROM '/s/*'" },
        },
        ...[
          ['10', 'host-export', { target: mirror }],
          ['20', 'host-export', { target: versions, layout: 'versions' }],
          ['30', 's3-export', { url: `file://${bucket}` }],
        ].map(([name, factory, where]) => ({
          path: `/etc/system.d/${String(name)}`,
          factory,
          config: { source: '/derived/**', ...(where as object) },
        })),
      ],
    };
    const applied = await pond.run(['apply', '-'], { input: JSON.stringify(config) });
    const leftOut = applied.stderr.split('\n').filter((line) => line.includes('"left_out"'));
    expect(leftOut).toHaveLength(6);
    expect(leftOut.filter((line) => line.includes('"/derived/north/1h.parquet"'))).toHaveLength(3);
    const directories = [mirror, `${versions}/current`, bucket].map(String);
    expect(directories.flatMap(filesIn)).toEqual([]);

    await pond.run([
      'copy',
      '--as',
      'series',
      hostFile('1.csv', 'time,v\n2026-01-01T00:00:00Z,1\n'),
      '/s/north',
    ]);
    for (const directory of directories) expect(filesIn(directory)).toEqual(['1h.parquet', 'all.csv']);

    const { stderr } = await pond.run(['rm', '/s/north'], { expect: 3 });
    expect(stderr).toContain('there is nothing to read at /s/*');
    const states = JSON.parse((await pond.run(['show-post-commit', '--json'])).stdout) as {
      readonly tasks: readonly { readonly state: string }[];
    };
    expect(states.tasks.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    for (const directory of directories) expect(filesIn(directory)).toEqual(['1h.parquet', 'all.csv']);
  });

  it('leaves out what it never sent, also after an attempt that broke off at another file', async () => {
    const bucket = join(pond.host, 'broken');
    const inTheWay = join(bucket, 'late', 'one.csv');
    mkdirSync(inTheWay, { recursive: true });
    const nodes = [
      ['/late/missing.csv', 'sql-derived', { sql: "SELECT * FROM '/late-sources/*'" }],
      ['/late/one.csv', 'sql-derived', { sql: 'SELECT 1 AS n' }],
      ['/etc/system.d/40', 's3-export', { source: '/late/**', url: `file://${bucket}` }],
    ].map(([path, factory, config]) => ({ path, factory, config }));
    await pond.run(['apply', '-'], { input: JSON.stringify({ nodes }), expect: 3 });
    expect(filesIn(bucket)).toEqual([]);

    rmdirSync(inTheWay);
    const { stderr } = await pond.run(['run', '/etc/system.d/40']);
    expect(stderr).toContain('"left_out"');
    expect(filesIn(bucket)).toEqual(['one.csv']);
  });
});

describe('a series whose first file has nothing that tells its times', () => {
  it('is refused with words about rows where there are none, and taken where the types are said', async () => {
    const file = hostFile('header.csv', 'time,v\n');
    const said = await refusal(1, 'copy', '--as', 'series', file, '/s/header');
    expect(said).toContain('it has no rows');
    expect(said).toContain('leave it out until it has rows');
    expect(said).not.toContain('--csv-timestamp-format');
    await pond.run(['copy', '--as', 'series', '--csv-types', 'time=TIMESTAMP,v=DOUBLE', file, '/s/typed']);
    await pond.run([
      'copy',
      '--as',
      'series',
      hostFile('2.csv', 'time,v\n2026-01-01T00:00:00,1\n'),
      '/s/typed',
    ]);
    expect((await pond.run(['cat', '/s/typed', '--format', 'csv'])).stdout).toBe(
      'time,v\n2026-01-01 00:00:00,1.0\n',
    );
  });

  it('is refused with words about objects where its rows are none', async () => {
    for (const [name, text] of [
      ['numbers.json', '[1, 2]'],
      ['texts.json', '["a", "b"]'],
      ['lines.jsonl', '1\n[2]\n'],
      ['empty-objects.jsonl', '{}\n{}\n'],
    ] as const) {
      const said = await refusal(1, 'copy', '--as', 'series', hostFile(name, text), '/s/json');
      expect([name, said]).toEqual([name, expect.stringContaining('its rows are not objects with keys')]);
      expect([name, said]).toEqual([name, expect.not.stringContaining('of CSV')]);
    }
  });
});

it('a file whose rows need more memory than there is for them is to be divided, and no line of it is wrong', async () => {
  const numbers = `{"a":[${'1,'.repeat(7_900_000)}1]}\n`;
  const said = await refusal(
    1,
    'copy',
    '--as',
    'table',
    hostFile('huge.jsonl', numbers.repeat(3)),
    '/t/huge',
  );
  expect(said).toContain('more memory than the 512MB');
  expect(said).toContain('divide it into smaller files');
  expect(said).not.toContain('put the line right');
});

it('a query that needs more memory than it may have is told how it gets more', async () => {
  const lists = 'SELECT list(a) FROM (SELECT md5(i::TEXT) AS a FROM range(2000000) r(i))';
  const said = await refusal(1, 'sql', '--memory-limit', '20MB', lists);
  expect(said).toContain('more memory than the 20MB');
  expect(said).toContain('--memory-limit 4GB');
});

it('a setting that names a module that is not there is refused, with the place where it was looked for', async () => {
  const before = (await pond.run(['config', 'get', 'factories'])).stdout;
  for (const [module, problem] of [
    ['./missing.mjs', 'there is no such file'],
    ['missing.mjs', 'a file is named with ./ in front'],
    [pond.host, 'it is not a file'],
  ] as const) {
    const said = await refusal(4, 'config', 'set', 'factories', `[${module}]`);
    expect(said).toContain(`/etc/pond.yaml: factories: ${module}: `);
    expect(said).toContain(problem);
    expect(said).toContain(`relative names are taken from ${pond.pond}`);
  }
  expect((await pond.run(['config', 'get', 'factories'])).stdout).toBe(before);
  expect(existsSync(join(pond.pond, 'missing.mjs'))).toBe(false);
});
