import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { ask, askJson } from './asking.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** What people do to a series, and what reading it keeps, each killed at each of its steps. */
export interface SeriesScenarios {
  /** One more version. */
  readonly seriesAppend: Scenario;
  /** The version with which a block of small ones is joined. */
  readonly seriesJoined: Scenario;
  /** A version that is taken out. */
  readonly versionOut: Scenario;
  /** A commit that is undone in the middle of the history. */
  readonly revert: Scenario;
  /** Small versions that are merged to be read, where they have been merged before. */
  readonly seriesMerged: Scenario;
  /** A reduction that is computed again where a version was added. */
  readonly reduced: Scenario;
}

const SERIES = '/sensors/north';
const REDUCED = '/derived/north/1h.parquet';

/** Versions with which a block is joined. */
const JOINED = 16;

/** Values of three days; those of the third come with a late row of the first. The others are for a block that is joined. */
const VERSIONS: readonly (readonly (readonly [string, number])[])[] = [
  [
    ['2026-01-01T00:10:00Z', 1],
    ['2026-01-01T00:50:00Z', 2],
  ],
  [['2026-01-02T10:00:00Z', 3]],
  [
    ['2026-01-03T12:00:00Z', 5],
    ['2026-01-01T00:20:00Z', 6],
  ],
  ...Array.from({ length: JOINED - 3 }, (_, at): [[string, number]] => [
    [`2026-01-${10 + at}T00:00:00Z`, 10 + at],
  ]),
];

export const seriesScenarios = async (ponds: BuiltPonds, folder: string): Promise<SeriesScenarios> => {
  const host = join(folder, 'host-series');
  const old = await hostFile(host, 'old.bin', bytes(300, 1));
  const files: string[] = [];
  for (const [index, rows] of VERSIONS.entries())
    files.push(await parquetFile(host, `${index}.parquet`, rows));
  const append = (version: number) => ['copy', '--once', `host+series://${files[version]}`, SERIES];

  const scenario = async (
    name: string,
    versions: number,
    given: Pick<Scenario, 'args' | 'andThen'> & { readonly txnSeq: number },
  ) => {
    const base = join(folder, `base-${name}`);
    const pond = await plainPond(base);
    await prepare(pond, ['copy', old.url, '/old.bin']); // 2
    const reduce = `{ source: ${SERIES}, time_column: time, every: [1h], aggregates: { value: [sum, count] } }`;
    await prepare(pond, ['mknod', 'temporal-reduce', '/derived/north', '--config', reduce]); // 3
    for (let version = 0; version < versions; version += 1) await prepare(pond, append(version)); // 4 ...
    const { txnSeq, ...rest } = given;
    return {
      pond,
      scenario: {
        ponds,
        base,
        scratch: join(folder, name),
        codes: [0],
        ...rest,
        expected: { files: { '/old.bin': old.content }, writes: {}, txnSeq, tasks: {} },
      },
    };
  };

  const appended = await scenario('series-append', 2, {
    args: append(2),
    txnSeq: 6,
    andThen: async (place) => {
      const faults = await faultsOfSeries(pondIn(place), [
        [0, 1],
        [0, 1, 2],
      ]);
      // Whoever does not know how far it came does it again.
      await prepare(pondIn(place), append(2));
      return [...faults, ...(await faultsOfSeries(pondIn(place), [[0, 1, 2]]))];
    },
  });
  const upTo = (count: number) => Array.from({ length: count }, (_, version) => version);
  const { pond: manyVersions, scenario: joined } = await scenario('series-joined', 0, {
    args: append(JOINED - 1),
    txnSeq: 5,
    andThen: async (place) => [
      ...(await faultsOfSeries(pondIn(place), [upTo(JOINED - 1), upTo(JOINED)])),
      ...faultsOfKept(pondIn(place)),
    ],
  });
  const earlier = files.slice(0, JOINED - 1).map((file) => `host+series://${file}`);
  await prepare(manyVersions, ['copy', ...earlier, SERIES]); // 4
  const out = await scenario('version-out', 3, {
    args: ['rm', SERIES, '--version', '2'],
    txnSeq: 7,
    andThen: (place) =>
      faultsOfSeries(pondIn(place), [
        [0, 1, 2],
        [0, 2],
      ]),
  });
  const reverted = await scenario('revert', 3, {
    args: ['revert', '5', SERIES, '--force'],
    txnSeq: 7,
    andThen: (place) => faultsOfSeries(pondIn(place), [[0, 1, 2], [0], [0, 2]]),
  });
  // Both are kept of two versions; then a third one comes.
  const read = async (name: string, path: string) => {
    const { pond, scenario: made } = await scenario(name, 2, {
      args: ['cat', path],
      txnSeq: 6,
      andThen: async (place) => [
        ...(await faultsOfSeries(pondIn(place), [[0, 1, 2]])),
        ...faultsOfKept(pondIn(place)),
      ],
    });
    await prepare(pond, ['cat', path]);
    await prepare(pond, append(2)); // 6
    return made;
  };
  return {
    seriesAppend: appended.scenario,
    seriesJoined: joined,
    versionOut: out.scenario,
    revert: reverted.scenario,
    seriesMerged: await read('series-merged', SERIES),
    reduced: await read('reduced', REDUCED),
  };
};

/** A Parquet file with the columns `time` and `value`. */
const parquetFile = async (
  folder: string,
  name: string,
  rows: readonly (readonly [string, number])[],
): Promise<string> => {
  const file = join(folder, name);
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const values = rows.map(([time, value]) => `(TIMESTAMPTZ '${time}', ${value}::DOUBLE)`).join(', ');
  await connection.run(
    `COPY (SELECT * FROM (VALUES ${values}) r(time, value)) TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  return file;
};

/** The series has the rows of one of these sets of versions; as one file, in SQL and reduced it is the same. */
const faultsOfSeries = async (
  pond: string,
  allowed: readonly (readonly number[])[],
): Promise<readonly string[]> => {
  const rows = await valuesOf(pond, `SELECT value FROM '${SERIES}' ORDER BY time`);
  const wanted = allowed.map((versions) =>
    versions
      .flatMap((version) => VERSIONS[version] ?? [])
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value),
  );
  const whole = JSON.parse((await ask(pond, 'cat', SERIES, '--format', 'json')).out.toString()) as {
    value: number;
  }[];
  const reduced = await valuesOf(pond, `SELECT value_sum FROM '${REDUCED}' ORDER BY time`);
  const again = await valuesOf(
    pond,
    `SELECT sum(value) FROM '${SERIES}' GROUP BY date_trunc('hour', time) ORDER BY date_trunc('hour', time)`,
  );
  const { ok } = (await askJson(pond, 'fsck')) as { ok: boolean };
  const copied = await ask(pond, 'cat', SERIES);
  return [
    ...(wanted.some((each) => same(each, rows)) ? [] : [`its rows are ${rows}`]),
    ...(same(
      whole.map(({ value }) => value),
      rows,
    )
      ? []
      : [`as a file it has ${JSON.stringify(whole)}`]),
    ...(same(reduced, again) ? [] : [`its sums are ${reduced}, and not ${again}`]),
    ...(copied.out.subarray(0, 4).toString('latin1') === 'PAR1' ? [] : ['it is not one Parquet file']),
    ...(ok ? [] : ['fsck finds something']),
  ];
};

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const valuesOf = async (pond: string, sql: string): Promise<readonly number[]> => {
  const { code, out, err } = await ask(pond, 'sql', sql, '--json');
  if (code !== 0) throw new Error(`pond sql: exit code ${code}: ${err}`);
  return (JSON.parse(out.toString()) as Record<string, number>[]).flatMap((row) => Object.values(row));
};

/** Working spaces that are left where nobody reads any more. */
const faultsOfKept = (pond: string): readonly string[] => {
  const control = readdirSync(join(pond, 'control'), { recursive: true }).map(String);
  return control.filter((name) => /^queries\/./.test(name)).map((name) => `left over: control/${name}`);
};
