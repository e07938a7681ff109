import { left } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import { watchedEngine } from '../../src/adapters/duckdb/watched-engine.js';
import { queryProgress } from '../../src/cli/query/query-progress.js';
import type { QueryFailed } from '../../src/ports/query-engine.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A terminal and a clock that is a second further at each look. */
const watchedTerminal = (errIsTerminal = true) => {
  let shown = '';
  let now = 0;
  const given = {
    terminal: {
      errIsTerminal,
      writeErr: (text: string) => {
        shown += text;
      },
    },
    program: {
      clock: {
        monotonicMs: () => {
          now += 1_000;
          return now;
        },
      },
    },
  };
  return { given: given as never, shown: () => shown };
};

it('a query says how far it is on a terminal, and takes that away before anything is written', async () => {
  const { given, shown } = watchedTerminal();
  const progress = queryProgress(given);
  progress.onProgress(0.25);
  progress.onProgress(0.5);
  expect(shown()).toContain('querying 50 %');
  const write = progress.before(async (text: string) => text !== '' && shown().endsWith('\r\u001b[K'));
  expect(await write('rows')).toBe(true);
  const before = shown();
  progress.onProgress(0.75);
  expect(shown()).toBe(before);
});

it('nobody is told how far a query is where there is no terminal', () => {
  expect(queryProgress(watchedTerminal(false).given).asked).toEqual({});
});

it('whatever is merged or computed is watched, however it began, until it has ended', async () => {
  const interrupt = new AbortController();
  const told: (number | 'ended')[] = [];
  const engine = watchedEngine(duckdbQueryEngine, () => ({
    onProgress: (share) => {
      told.push(share);
      // It would run for hours.
      interrupt.abort();
    },
    end: () => told.push('ended'),
  }));
  const bounds = {
    signal: interrupt.signal,
    workspace: temporaryFolder('query-progress-'),
    memoryLimit: '256MB',
  };
  const sql = 'SELECT count(*) FROM range(1000000000000) AS a(i) WHERE hash(i) = 1';
  const ended = await engine.session<QueryFailed, unknown>([], bounds, (session) => session.rows(sql))();
  expect(ended._tag).toBe('Left');
  expect(told.at(-1)).toBe('ended');
  expect(told.filter((each) => each !== 'ended').length).toBeGreaterThan(0);
  const watched = engine.query<QueryFailed, never>(
    { ...bounds, sql: 'SELECT 1', tables: () => TE.right([]), onProgress: () => undefined },
    () => async () => left({ _tag: 'QueryFailed', message: 'of its own' }),
  );
  told.length = 0;
  await watched();
  expect(told).toEqual([]);
});
