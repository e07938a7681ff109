import * as fc from 'fast-check';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../src/adapters/duckdb/duckdb-query-engine.js';
import { nodeFileSystem } from '../src/adapters/node/files/node-file-system.js';
import { nodeClock } from '../src/adapters/node/node-clock.js';
import { uuidIds } from '../src/adapters/node/uuid-ids.js';
import { sha256 } from '../src/domain/documents/sha256.js';
import { NO_CONTRACT, ON_DUPLICATE, type OnDuplicate } from '../src/domain/series/series-contract.js';
import { type DerivedDeps, derivedContent } from '../src/factories/built-in/derived/derived-content.js';
import { type ResultCache, resultCache } from '../src/factories/built-in/derived/result-cache.js';
import { reduceRecipe } from '../src/factories/built-in/temporal-reduce/reduce-recipe.js';
import type { Reduction } from '../src/factories/built-in/temporal-reduce/reduction.js';
import type { PondReader } from '../src/tinyfs/tinyfs.js';
import { parquetOf, rowsOf } from '../test/factories/derived/parquet.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';
import { times } from '../test/support/times.js';

/** Versions of a series: hours with many readings, late ones, the same twice, none, other columns and other types. */
const reading = (time: string, rest: string) =>
  `SELECT TIMESTAMPTZ '2026-11-20 00:00:00Z' + INTERVAL 1 MINUTE * (${time}) AS time, ${rest}`;
const POOL = await Promise.all(
  [
    `${reading('i * 7', "CASE i % 3 WHEN 0 THEN 'a' ELSE 'b' END AS sensor, sin(i) * 1e9 AS value")} FROM range(60) AS r(i)`,
    `${reading('600 + i * 7', "'a' AS sensor, cos(i) * 1e-3 AS value")} FROM range(60) AS r(i)`,
    `${reading('i * 400 - 3000', "'b' AS sensor, tan(i) AS value")} FROM range(12) AS r(i)`,
    `${reading('61', "'a' AS sensor, CAST(NULL AS DOUBLE) AS value")} UNION ALL ${reading('61', 'NULL, 0.1')}`,
    `${reading('i', "'c' AS sensor, CAST(i AS INTEGER) AS value, 'x' AS more")} FROM range(3) AS r(i)`,
    `${reading('i * 59', "'c' AS sensor")} FROM range(5) AS r(i)`,
    `${reading('-40000000', "'d' AS sensor, 1.5 AS value")}`,
    // Over the night in October in which an hour comes twice in Vienna.
    `${reading('i * 30 - 37740', "'a' AS sensor, sin(i) AS value")} FROM range(60) AS r(i)`,
  ].map(async (sql, index) => ({
    bytes: await parquetOf(sql),
    // Of some it is said which times are in them, of one of them wrongly.
    range: index < 2 ? ([Date.UTC(2026, 10, 20) * 1000, Date.UTC(2026, 10, 20, 9) * 1000] as const) : null,
  })),
);

/** A filesystem with one series, of these versions. */
const seriesOf = (versions: readonly number[], onDuplicate: OnDuplicate): PondReader => {
  const contents = versions.map((place) => POOL[place]?.bytes ?? Buffer.of());
  const fs: Pick<PondReader, 'stat' | 'versions' | 'read' | 'series'> = {
    series: () => TE.right({ ...NO_CONTRACT, timeColumn: 'time', unique: ['time', 'sensor'], onDuplicate }),
    stat: () => TE.right({ entryType: 'series', path: '/s' } as never),
    versions: () =>
      TE.right(
        versions.map((place, index) => ({
          version: index + 1,
          txnSeq: index + 1,
          timestamp: 0,
          size: contents[index]?.length ?? 0,
          sha256: sha256(contents[index] ?? ''),
          minEventTime: POOL[place]?.range?.[0] ?? null,
          maxEventTime: POOL[place]?.range?.[1] ?? null,
        })),
      ),
    read: (_path, options) =>
      TE.right({
        async *[Symbol.asyncIterator]() {
          yield contents[(options?.version ?? 1) - 1] ?? Buffer.of();
        },
      }),
  };
  return fs as PondReader;
};

const REDUCTION: Reduction = {
  timeColumn: 'time',
  groupBy: ['sensor'],
  aggregates: (['avg', 'sum', 'min', 'max', 'count', 'first', 'last', 'median', 'stddev'] as const).map(
    (aggregate) => ({ column: 'value', aggregate }),
  ),
  seconds: 3_600,
  timezone: null,
  timeUnit: null,
};
const DAYS_IN_VIENNA: Reduction = { ...REDUCTION, seconds: 86_400, timezone: 'Europe/Vienna' };

const newCache = (): ResultCache =>
  resultCache(
    { files: nodeFileSystem, ids: uuidIds, clock: nodeClock, seal: sha256 },
    `${temporaryFolder('reduce-cache-')}/derived`,
  );

const NO_CACHE: ResultCache = { read: () => null, keep: () => undefined };

/** Contents that the engine was given, for all queries together. */
let opened = 0;

const depsWith = (cache: ResultCache): DerivedDeps => ({
  engine: {
    needed: duckdbQueryEngine.needed,
    session: (tables, bounds, use) => {
      opened += new Set(
        tables.flatMap(({ contents }) =>
          contents.map((content) => ('file' in content ? content.file : content)),
        ),
      ).size;
      return duckdbQueryEngine.session(tables, bounds, use);
    },
  },
  withWorkspace: (use) => use(temporaryFolder('reduce-')),
  files: nodeFileSystem,
  cache,
});

const reduce = async (
  cache: ResultCache,
  versions: readonly number[],
  onDuplicate: OnDuplicate = 'keep',
  reduction: Reduction = REDUCTION,
): Promise<readonly object[]> => {
  const chunks: Uint8Array[] = [];
  const node = { path: '/r/1h.parquet', factory: 'temporal-reduce' };
  const content = derivedContent(depsWith(cache), node, seriesOf(versions, onDuplicate), (work) =>
    reduceRecipe(work, '/s', reduction),
  );
  for await (const chunk of content) chunks.push(chunk);
  return rowsOf(Buffer.concat(chunks));
};

/** Rows, or the error in their place: where no version is left that has the column, both ways say so. */
const outcomeOf = (rows: Promise<readonly object[]>): Promise<unknown> =>
  rows.catch((error: unknown) => ({ error }));

/** A history of a series: appends, versions taken out, and reverts to how it was some time before. */
const histories = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ append: fc.nat(POOL.length - 1) }) },
      { weight: 2, arbitrary: fc.record({ remove: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ back: fc.nat(20) }) },
    ),
    { minLength: 2, maxLength: 6 },
  )
  .map((steps) => {
    const states: (readonly number[])[] = [[0]];
    for (const step of steps) {
      const now = states.at(-1) ?? [];
      if ('append' in step) states.push([...now, step.append]);
      else if ('back' in step) states.push(states[step.back % states.length] ?? now);
      else if (now.length > 1) states.push(now.filter((_, index) => index !== step.remove % now.length));
    }
    return states;
  });

describe('temporal-reduce', () => {
  it('gives what computing everything gives, after any appends, late rows, versions taken out and reverts', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.constantFrom(...ON_DUPLICATE),
        fc.constantFrom(REDUCTION, DAYS_IN_VIENNA),
        async (states, onDuplicate, reduction) => {
          const cache = newCache();
          for (const versions of states)
            expect(await outcomeOf(reduce(cache, versions, onDuplicate, reduction))).toEqual(
              await outcomeOf(reduce(NO_CACHE, versions, onDuplicate, reduction)),
            );
        },
      ),
      times(6),
    );
  }, 120_000);

  it('reads the contents that have rows in the buckets of a new one, and no others', async () => {
    const cache = newCache();
    const days = Array.from({ length: 12 }, (_, day) => day);
    const bytes = await Promise.all(
      [...days, 12, 3.02].map((day) =>
        parquetOf(reading(`${day} * 1440 + i`, "'a' AS sensor, i AS value FROM range(60) AS r(i)")),
      ),
    );
    const first = POOL.length;
    POOL.push(...bytes.map((each) => ({ bytes: each, range: null })));
    const series = days.map((day) => first + day);
    await reduce(cache, series);
    const openedFor = async (versions: readonly number[]): Promise<number> => {
      opened = 0;
      const rows = await reduce(cache, versions);
      const sofar = opened;
      expect(rows).toEqual(await reduce(NO_CACHE, versions));
      return sofar;
    };
    // The new one and the result before.
    expect(await openedFor([...series, first + 12])).toBe(2);
    // A late one: looked at, then again with the day that it belongs to.
    expect(await openedFor([...series, first + 12, first + 13])).toBe(5);
    // Nothing is read for a content that is gone, except what has rows in its buckets.
    expect(await openedFor([...series.slice(1), first + 12, first + 13])).toBe(1);
  });
});
