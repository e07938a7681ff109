import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());
afterEach(() => {
  vi.restoreAllMocks();
});

it('a copy of many CSV files starts as few engines as a copy of two', async () => {
  const enginesOf = async (count: number, as: 'table' | 'series'): Promise<number> => {
    const create = vi.spyOn(DuckDBInstance, 'create');
    const files = Array.from({ length: count }, (_, index) => {
      const file = join(pond.host, `${as}-${count}-${index}.csv`);
      writeFileSync(file, `time,v\n2026-01-01T00:00:${String(index % 60).padStart(2, '0')}Z,${index}\n`);
      return `host://${file}`;
    });
    const to = as === 'table' ? `/tables/${count}/` : `/series/${count}`;
    await pond.run(['copy', '--as', as, ...files, to]);
    const engines = create.mock.calls.length;
    create.mockRestore();
    return engines;
  };
  for (const as of ['table', 'series'] as const) {
    const few = await enginesOf(2, as);
    expect(few).toBeGreaterThan(0);
    expect([as, await enginesOf(60, as)]).toEqual([as, few]);
  }
  const counted = await pond.run([
    'sql',
    '--format',
    'csv',
    "SELECT count(*) AS n, sum(v) AS s FROM '/series/60'",
  ]);
  expect(counted.stdout).toBe('n,s\n60,1770\n');
});

/** Bytes that this process has read so far, of files, pipes and connections. */
const bytesRead = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

it('the first rows of a large CSV come before the most of it is read', async () => {
  const line = `12345,${'station'.repeat(6)},2026-01-01T00:00:00Z,1.25\n`;
  const content = `id,station,time,value\n${line.repeat(1_000_000)}`;
  writeFileSync(join(pond.host, 'large.csv'), content);
  await pond.run(['copy', `host://${join(pond.host, 'large.csv')}`, '/in/large.csv']);
  const asked = async (sql: string) => {
    const before = bytesRead();
    const { stdout } = await pond.run(['sql', '--format', 'csv', sql]);
    return { stdout, share: (bytesRead() - before) / content.length };
  };
  const all = await asked("SELECT count(*) AS n FROM '/in/large.csv'");
  expect(all.stdout).toBe('n\n1000000\n');
  expect(all.share).toBeGreaterThan(1);
  const first = await asked("SELECT id FROM '/in/large.csv' LIMIT 2");
  expect(first.stdout).toBe('id\n12345\n12345\n');
  expect(first.share).toBeLessThan(0.5);
});
