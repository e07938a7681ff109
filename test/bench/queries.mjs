import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, ms, settled, times } from './machinery/measure.mjs';
import { peakMemoryOf, runNode } from './machinery/processes.mjs';
import { processorTimes } from './machinery/processor-time.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(2, 1);

/** Rows of the large CSV file, about 300 MB, and of those that are compared and checked. */
const LARGE = sized(6_000_000, 1_000);
const MILLION = sized(1_000_000, 1_000);
const DAYS = sized(365, 20);

/** A Node script that asks DuckDB, and nothing else. */
const SCRIPT = `import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(':memory:', { memory_limit: '1GB' })).connect();
const answer = await connection.stream(process.argv[2]);
for await (const rows of answer.yieldRowsJson()) console.log(JSON.stringify(rows));
`;

const filesIn = async (folder) => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const file = (name) => join(folder, name);
  const copied = (sql, name, options) => connection.run(`COPY (${sql}) TO '${file(name)}' (${options})`);
  const rows = (count) =>
    `SELECT range AS id, range * 1.5 AS v, 'station ' || (range % 50) AS s, TIMESTAMP '2026-01-01' + INTERVAL (range) SECOND AS t FROM range(${count})`;
  await copied(rows(LARGE), 'large.csv', 'FORMAT csv, HEADER');
  await copied(rows(LARGE), 'large.parquet', 'FORMAT parquet');
  await copied(rows(MILLION), 'a.csv', 'FORMAT csv, HEADER');
  await copied(
    `SELECT id, CASE WHEN id % 1000 = 7 THEN v + 1 ELSE v END AS v, s, t FROM (${rows(MILLION)})`,
    'b.csv',
    'FORMAT csv, HEADER',
  );
  const days = [];
  for (let day = 0; day < DAYS; day += 1) {
    const sql = `SELECT TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL 1 MINUTE * (${day} * 1440 + i) AS time, sin(i) AS value, i % 7 AS k FROM range(1440) AS r(i)`;
    await copied(sql, `day-${day}.parquet`, 'FORMAT parquet');
    days.push(file(`day-${day}.parquet`));
  }
  connection.closeSync();
  return { file, days };
};

/** Queries and what reads whole contents, each beside DuckDB in a bare script on the same files. */
export const benchQueries = async ({ pond, Steward }, scratch) => {
  const folder = join(scratch, 'queries');
  mkdirSync(folder);
  const { file, days } = await filesIn(folder);
  const directory = join(folder, 'P');
  await settled(Steward.init(directory));
  const script = join(folder, '..', 'ask-duckdb.mjs');
  writeFileSync(script, SCRIPT);
  const ours = (...args) => [pond, '--pond', directory, ...args];
  const bare = (sql) => [script, sql];
  const run = (...args) => runNode(ours(...args));
  run('copy', `host://${file('large.csv')}`, `host+table://${file('large.parquet')}`, '/in/');
  run('copy', `host://${file('a.csv')}`, '/in/x.csv');
  run('copy', `host://${file('b.csv')}`, '/in/x.csv');
  run('copy', `host://${file('a.csv')}`, '/in/checked.csv');
  await appended({ Steward }, directory, days);
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULES);
  const list = `[${days.map((day) => `'${day}'`).join(', ')}]`;
  const out = (name) => join(folder, name);
  const group = 'count(*) AS n, avg(v) AS v FROM';
  const merged = join(directory, 'control/merged');
  const asAppended = join(folder, 'as-appended');
  cpSync(merged, asAppended, { recursive: true });
  const keptOfAppends = () => {
    rmSync(merged, { recursive: true, force: true });
    cpSync(asAppended, merged, { recursive: true });
  };
  const nothingKept = () => rmSync(merged, { recursive: true, force: true });
  const after = (prepare, args) => () => {
    prepare();
    return args;
  };
  const seriesInSql = ours('sql', "SELECT k, avg(value) AS v FROM '/s/north' GROUP BY 1");
  const pairs = {
    table: [
      ours('sql', `SELECT s, ${group} '/in/large.parquet' GROUP BY 1`),
      bare(`SELECT s, ${group} '${file('large.parquet')}' GROUP BY 1`),
    ],
    series: [
      after(keptOfAppends, seriesInSql),
      bare(`SELECT k, avg(value) AS v FROM read_parquet(${list}, union_by_name = true) GROUP BY 1`),
    ],
    csv: [
      ours('sql', `SELECT s, ${group} '/in/large.csv' GROUP BY 1`),
      bare(`SELECT s, ${group} '${file('large.csv')}' GROUP BY 1`),
    ],
    first: [
      ours('sql', "SELECT * FROM '/in/large.csv' LIMIT 2"),
      bare(`SELECT * FROM '${file('large.csv')}' LIMIT 2`),
    ],
    out: [
      ours('cat', '/in/large.csv', '--format', 'csv'),
      bare(`COPY (FROM '${file('large.csv')}') TO '${out('large-out.csv')}' (FORMAT csv, HEADER)`),
    ],
    diff: [
      ours('diff', '3', '4', '/in/x.csv', '--rows'),
      bare(
        `SELECT count(*) FROM ((FROM '${file('a.csv')}' EXCEPT ALL FROM '${file('b.csv')}') UNION ALL (FROM '${file('b.csv')}' EXCEPT ALL FROM '${file('a.csv')}'))`,
      ),
    ],
    validate: [
      ours('validate', '/in/checked.csv', '--rules', rules),
      bare(`SELECT ${COUNTS} FROM '${file('a.csv')}'`),
    ],
    'series, nothing kept': [after(nothingKept, seriesInSql), null],
    merged: [
      after(keptOfAppends, ours('cat', '/s/north')),
      bare(
        `COPY (SELECT * FROM read_parquet(${list}, union_by_name = true) ORDER BY time) TO '${out('merged.parquet')}' (FORMAT parquet)`,
      ),
    ],
    'merged, nothing kept': [after(nothingKept, ours('cat', '/s/north')), null],
    start: [ours('sql', 'SELECT 1'), bare('SELECT 1')],
  };
  const contenders = Object.fromEntries(
    Object.entries(pairs).flatMap(([name, [a, b]]) => [
      [`${name} ours`, a],
      ...(b === null ? [] : [[`${name} bare`, b]]),
    ]),
  );
  const took = processorTimes(ROUNDS, contenders);
  const of = (name) => median(took[name]);
  const row = (name, what, target, beside = name) => {
    const mine = of(`${name} ours`) - of('start ours');
    const theirs = of(`${beside} bare`) - of('start bare');
    return [
      what,
      times(mine / theirs),
      target,
      `${ms(mine)} of the processor beyond its start, beside ${ms(theirs)} for DuckDB in a bare script; medians of ${ROUNDS}`,
    ];
  };
  const peak = (...args) => peakMemoryOf(ours(...args));
  const memory = (what, megabytes, target) => [
    what,
    `${megabytes.toFixed(0)} MB`,
    target,
    'largest resident set of the process and those it starts',
  ];
  return [
    row('table', 'SQL over a Parquet table of 6,000,000 rows', '<= 1.2 x'),
    row('series', `SQL over a series of ${DAYS} versions that were appended, for the first time`, '<= 1.2 x'),
    row('series, nothing kept', 'the same where control/merged has been deleted', 'measured', 'series'),
    row('csv', 'SQL over a CSV of 300 MB', '<= 1.2 x'),
    row('first', 'the first two rows of a CSV of 300 MB', '<= 1.2 x'),
    row('out', 'cat --format csv of 300 MB, beside COPY TO', '<= 1.5 x'),
    memory('its memory', peak('cat', '/in/large.csv', '--format', 'csv'), '<= 200 MB'),
    row('diff', 'diff --rows of two CSVs of a million rows, beside EXCEPT ALL both ways', '<= 2 x'),
    row('merged', 'they as one Parquet file for the first time, beside COPY', '<= 1.3 x'),
    row('merged, nothing kept', 'the same where control/merged has been deleted', 'measured', 'merged'),
    row('validate', 'validate, ten checks of a CSV of a million rows, beside the same counts', '<= 1.3 x'),
    memory('its memory', peak('validate', '/in/checked.csv', '--rules', rules), '<= 300 MB'),
  ];
};

/** Appends files to a series, each in a commit of its own, as they come day by day. */
const appended = async ({ Steward }, directory, days) => {
  const pond = await settled(Steward.open(directory));
  await settled(pond.write(({ fs }) => fs.mkdirAll('/s')));
  for (const day of days)
    await settled(pond.write(({ fs }) => fs.appendToSeries('/s/north', readFileSync(day))));
  await settled(pond.close());
};

const RULES = `columns:
  - { name: id, type: integer, required: true, unique: true, min: 0 }
  - { name: v, type: double, required: true, min: 0, max: 2000000 }
  - { name: s, required: true, pattern: "^station [0-9]+$" }
  - { name: t, type: timestamp, required: true }
checks:
  - { name: enough, metric: rowCount, mustBeGreaterThan: 0 }
`;

const COUNTS = [
  'count(*)',
  'count(*) FILTER (id IS NULL)',
  'count(*) - count(DISTINCT id)',
  'count(*) FILTER (id < 0)',
  'count(*) FILTER (v IS NULL)',
  'count(*) FILTER (v < 0 OR v > 2000000)',
  'count(*) FILTER (s IS NULL)',
  "count(*) FILTER (NOT regexp_matches(s, '^station [0-9]+$'))",
  'count(*) FILTER (t IS NULL)',
].join(', ');
