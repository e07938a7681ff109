import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { steps } from '../../../effects/steps.js';
import type { QuerySession } from '../../../ports/query-engine.js';
import { identifier, quoted } from '../../../validation/query/sql.js';
import type { FileFactory } from '../../factory.js';
import { referenceOf } from '../../factory-reference.js';
import { type DerivedDeps, derivedContent, type Recipe, type Work } from './derived-content.js';
import type { DerivedProblem } from './derived-problem.js';
import { identityOf, inputAt, tableOf } from './inputs.js';
import { ColumnCodec, SourceCodec } from './keys.js';
import { columnsIn, findColumn, isComputed } from './table-columns.js';

const Config = exactType(
  'timeseries-pivot configuration',
  { source: SourceCodec, time_column: ColumnCodec, column: ColumnCodec, value: ColumnCodec },
  { aggregate: t.keyof({ avg: null, min: null, max: null, sum: null }, 'avg, min, max or sum') },
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    source: 'path of a series, table, file or other derived node, or a pattern of several',
    time_column: 'the column of times, which becomes the first column',
    column: 'the column whose values become names of columns; at most 1,000 different ones',
    value: 'the column whose values go below them',
    aggregate:
      'avg, min, max or sum of several values at one time; default: several values that differ are an error',
  },
  example: `# One column per sensor, one row per time: /derived/wide.parquet
factory: timeseries-pivot
config:
  source: /sensors/readings
  time_column: time
  column: sensor
  value: temperature
`,
});

/** Makes a table with a column for each value of a column, whenever it is read. */
export const timeseriesPivot = (deps: DerivedDeps): FileFactory<Config> => ({
  name: 'timeseries-pivot',
  description: 'A table with one column for each value of a column, computed when it is read.',
  kind: 'file',
  modes: [],
  config: Config,
  reference,
  makes: ({ source }) => [{ name: '', reads: [source] }],
  createFile: ({ path, fs }, config) =>
    TE.right(
      derivedContent(deps, { path, factory: 'timeseries-pivot' }, fs, (work) => pivotRecipe(work, config)),
    ),
});

const SOURCE = 'source';
const MOST_COLUMNS = 1_000;

const pivotRecipe = (work: Work, config: Config): TE.TaskEither<DerivedProblem, Recipe> =>
  steps(async (s) => {
    const input = await s.run(inputAt(work, config.source));
    const { time_column, column, value, aggregate = null } = config;
    return {
      of: { pivot: { time_column, column, value, aggregate }, input: identityOf(input) },
      make: steps(async (inner) => {
        const table = await inner.run(tableOf(input, input.parts, { name: SOURCE, rows: 'as-series' }));
        return inner.run(
          work.engine.session<DerivedProblem, string>([table], work.bounds, (session) =>
            pivot(session, config),
          ),
        );
      }),
    };
  });

const pivot = (
  session: QuerySession,
  { source, time_column, column, value, aggregate }: Config,
): TE.TaskEither<DerivedProblem, string> =>
  steps(async (s) => {
    const there = await s.run(columnsIn(session, SOURCE));
    for (const name of [time_column, column])
      await s.run(findColumn(there, { name, path: source, is: 'value' }));
    const is = aggregate !== undefined && isComputed(aggregate) ? 'computed' : 'value';
    await s.run(findColumn(there, { name: value, path: source, is }));
    const time = identifier(time_column);
    const name = `CAST(${identifier(column)} AS VARCHAR)`;
    const cell = identifier(value);
    const complete = `${time} IS NOT NULL AND ${name} IS NOT NULL`;
    const found = await s.run(
      session.rows(
        `SELECT DISTINCT ${name} FROM ${SOURCE} WHERE ${complete} ORDER BY 1 LIMIT ${MOST_COLUMNS + 1}`,
      ),
    );
    const names = found.rows.map(([each]) => String(each));
    const problem = problemOfNames(names, { column, time_column });
    if (problem !== null) return s.fail({ _tag: 'NotDerivable', message: `${source}: ${problem}` });
    if (aggregate === undefined) {
      const { rows } = await s.run(
        session.rows(
          `SELECT CAST(${time} AS VARCHAR), ${name} FROM ${SOURCE} WHERE ${complete} GROUP BY ALL HAVING count(DISTINCT ${cell}) > 1 ORDER BY ALL LIMIT 1`,
        ),
      );
      const [several] = rows;
      if (several !== undefined)
        return s.fail({
          _tag: 'NotDerivable',
          message: `${source}: at ${String(several[0])} there are several values of ${value} for ${String(several[1])}; say which counts: aggregate: avg, min, max or sum`,
        });
    }
    // Values in their own order: so a sum does not depend on the order of the rows.
    const of = aggregate === undefined ? `max(${cell})` : `${aggregate}(${cell} ORDER BY ${cell})`;
    const columns = names.map(
      (each) => `${of} FILTER (WHERE ${name} = ${quoted(each)}) AS ${identifier(each)}`,
    );
    const sql = `SELECT ${[time, ...columns].join(', ')} FROM ${SOURCE} WHERE ${time} IS NOT NULL GROUP BY ${time} ORDER BY ${time}`;
    return (await s.run(session.write(sql, { format: 'parquet' }))).file;
  });

const problemOfNames = (
  names: readonly string[],
  { column, time_column }: Pick<Config, 'column' | 'time_column'>,
): string | null => {
  if (names.length > MOST_COLUMNS)
    return `the column ${column} has more than ${MOST_COLUMNS} different values`;
  const seen = new Map([[time_column.toLowerCase(), time_column]]);
  for (const name of names) {
    if (name === '') return `the column ${column} has an empty text, which cannot be the name of a column`;
    // SQL does not tell them apart.
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      return `two columns would be called ${JSON.stringify(name)} (the other one is ${JSON.stringify(other)})`;
    seen.set(name.toLowerCase(), name);
  }
  return null;
};
