import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../../src/adapters/duckdb/duckdb-query-engine.js';
import { interruptEngines } from '../../../src/adapters/duckdb/running-engines.js';

let workspace = '';
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'pond-interrupt-'));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** Hours of work. */
const ENDLESS = 'SELECT count(*) FROM range(1000000000000) AS a(i) WHERE hash(i) = 1';

const asking = (signal: AbortSignal, onTables: () => void) =>
  duckdbQueryEngine.query(
    {
      sql: ENDLESS,
      signal,
      workspace,
      memoryLimit: '256MB',
      tables: () => async () => {
        onTables();
        return right([]);
      },
    },
    ({ batches }) =>
      TE.tryCatch(
        async () => {
          for await (const _ of batches);
        },
        () => ({ _tag: 'QueryFailed' as const, message: 'it could not be read' }),
      ),
  )();

it('a query that was interrupted before its engine began ends at once', async () => {
  const interrupt = new AbortController();
  expect(await asking(interrupt.signal, () => interrupt.abort())).toMatchObject({ _tag: 'Left' });
});

it('a query that is interrupted while it runs ends at once', async () => {
  const interrupt = new AbortController();
  const asked = asking(interrupt.signal, () => setImmediate(() => setImmediate(() => interrupt.abort())));
  expect(await asked).toMatchObject({ _tag: 'Left' });
});

it('whatever runs is interrupted when the process is to end', async () => {
  const asked = asking(new AbortController().signal, () => undefined);
  const ending = setInterval(interruptEngines, 10);
  expect(await asked).toMatchObject({ _tag: 'Left' });
  clearInterval(ending);
});
