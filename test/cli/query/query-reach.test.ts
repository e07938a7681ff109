// How long a query takes cannot tell whether a file of the host's is there, because nothing looks for that file: what
// names it reaches an engine that can open nothing, or none.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtExecutable, tempPond } from '../../support/pond-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ask } from './querying.js';
import { REACHING } from './reaching-queries.js';

/** What an engine may open when it is given a statement; null: whatever it likes. */
interface Given {
  readonly sql: string;
  readonly mayOpen: readonly string[] | null;
}

const CALLS = ['run', 'runAndReadAll', 'stream', 'extractStatements', 'getTableNames'] as const;

let given: Given[] = [];
beforeEach(() => {
  given = [];
  const closed = new WeakMap<object, readonly string[]>();
  const allowed = new WeakMap<object, readonly string[]>();
  for (const call of CALLS) {
    const real: (...args: never[]) => unknown = DuckDBConnection.prototype[call];
    vi.spyOn(DuckDBConnection.prototype, call).mockImplementation(function (
      this: DuckDBConnection,
      ...args: readonly unknown[]
    ) {
      const sql = JSON.stringify(args);
      if (sql.includes('SET allowed_paths')) allowed.set(this, [sql]);
      if (sql.includes('SET enable_external_access = false')) closed.set(this, allowed.get(this) ?? []);
      given.push({ sql, mayOpen: closed.get(this) ?? null });
      return real.apply(this, args as never[]) as never;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a query that names a file of the host', () => {
  it('gives that name to no engine that could open, make or look for it', async () => {
    const folder = temporaryFolder('pond-reach-');
    const workspace = join(folder, 'workspace');
    mkdirSync(workspace);
    const file = join(folder, 'secret-of-the-host.csv');
    writeFileSync(file, 'a\n1\n');
    for (const sql of REACHING) {
      await ask('csv', ['a,b\n1,2\n'], sql.replaceAll('FILE', file), { workspace, path: '/in/a.csv' });
    }
    const naming = given.filter(({ sql }) => sql.includes('secret-of-the-host'));
    expect(naming.length).toBeGreaterThan(REACHING.length / 2);
    for (const { mayOpen } of naming) {
      expect(mayOpen).not.toBeNull();
      expect(mayOpen?.join()).not.toContain('secret-of-the-host');
    }
    // It would be seen: what the engine is told of its own tables is among what was given.
    expect(given.some(({ sql, mayOpen }) => mayOpen === null && sql.includes('SET allowed_paths'))).toBe(
      true,
    );
  });

  it('makes no call of the system with that name', async (context) => {
    context.skip(!existsSync('/usr/bin/strace'), 'strace is not installed');
    const pond = await tempPond();
    await pond.run(['copy', '-', '/in/a.csv'], { input: 'a,b\n1,2\n' });
    const file = join(pond.host, 'secret-of-the-host.csv');
    writeFileSync(file, 'a\n1\n');
    for (const sql of process.env.POND_TEST_SECURITY === 'whole' ? TRACED : TRACED.slice(0, 1)) {
      const trace = join(pond.host, 'calls');
      const query = sql.replaceAll('FILE', file);
      const strace = ['-f', '-s', '4096', '-e', 'trace=%file', '-o', trace];
      const command = [process.execPath, builtExecutable(), '--pond', pond.pond, 'sql', query];
      expect(() => execFileSync('/usr/bin/strace', [...strace, ...command], { stdio: 'pipe' })).toThrow();
      const calls = readFileSync(trace, 'utf8').split('\n');
      expect(calls.some((call) => call.includes('control.db'))).toBe(true);
      const naming = calls.filter((call) => call.includes('secret-of-the-host'));
      expect(naming.filter((call) => !/ execve\(/.test(call))).toEqual([]);
    }
    await pond.remove();
  });
});

const TRACED = [
  "SELECT * FROM 'FILE'",
  "SELECT * FROM read_csv('FILE')",
  "FROM '/in/a.csv', 'FILE'",
  "PIVOT 'FILE' ON a USING count(*)",
  "COPY '/in/a.csv' TO 'FILE'",
  "EXPLAIN ANALYZE SELECT * FROM 'FILE'",
  "SELECT * FROM glob('FILE*')",
  "ATTACH 'FILE'",
];
