import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { microsOfWritten, writtenTime } from '../../../domain/written-time.js';
import { steps } from '../../../effects/steps.js';
import type { QueryTable } from '../../../ports/query-engine.js';
import type { FileFactory } from '../../factory.js';
import { referenceOf } from '../../factory-reference.js';
import { type DerivedDeps, derivedContent, type Recipe, type Work } from './derived-content.js';
import type { DerivedProblem } from './derived-problem.js';
import { type Input, identityOf, inputAt, tableOf } from './inputs.js';
import { type JoinedInput, joinInputs } from './join-inputs.js';
import { ColumnCodec, SourceCodec } from './keys.js';

/** A time in a configuration, decoded into microseconds since the epoch; without a zone it is in UTC. */
const TimeCodec = new t.Type<number, number, unknown>(
  'a time such as 2026-11-20 or 2026-11-20T10:00:00Z',
  (input): input is number => typeof input === 'number',
  (input, context) => {
    const written = typeof input === 'string' ? writtenTime(input) : null;
    const micros = written === null ? null : microsOfWritten(written, 'UTC');
    return micros === null ? t.failure(input, context) : t.success(micros);
  },
  t.identity,
);

const Config = exactType(
  'timeseries-join configuration',
  {
    inputs: t.readonlyArray(
      exactType(
        'input',
        { source: SourceCodec },
        { scope: ColumnCodec, range: exactType('range', {}, { from: TimeCodec, to: TimeCodec }) },
      ),
      'a list of inputs',
    ),
    time_column: ColumnCodec,
  },
  {},
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    inputs:
      'a list of inputs: source (a path or pattern), scope (put in front of the names of its columns; inputs of one scope are one input in several pieces), range: { from, to } (rows from this time on, up to and without that)',
    time_column: 'the column of times, which all inputs have',
  },
  example: `# Two stations side by side, one of which got another sensor in March: /derived/both.parquet
factory: timeseries-join
config:
  time_column: time
  inputs:
    - { source: /sensors/north-old, scope: north, range: { to: "2026-03-01" } }
    - { source: /sensors/north-new, scope: north, range: { from: "2026-03-01" } }
    - { source: /sensors/south, scope: south }
`,
});

/** Makes one table of several series, joined by their times, whenever it is read. */
export const timeseriesJoin = (deps: DerivedDeps): FileFactory<Config> => ({
  name: 'timeseries-join',
  description: 'One table of several series, joined by their times, computed when it is read.',
  kind: 'file',
  modes: [],
  config: Config,
  reference,
  checkStored: ({ inputs }) =>
    inputs.length === 0 ? [{ key: 'inputs', message: 'expected at least one input' }] : [],
  makes: ({ inputs }) => [{ name: '', reads: inputs.map(({ source }) => source) }],
  createFile: ({ path, fs }, config) =>
    TE.right(
      derivedContent(deps, { path, factory: 'timeseries-join' }, fs, (work) => joinRecipe(work, config)),
    ),
});

const joinRecipe = (work: Work, { inputs, time_column }: Config): TE.TaskEither<DerivedProblem, Recipe> =>
  steps(async (s) => {
    const found: Input[] = [];
    const joined: JoinedInput[] = [];
    for (const [index, { source, scope, range }] of inputs.entries()) {
      found.push(await s.run(inputAt(work, source)));
      joined.push({
        table: `input ${index}`,
        path: source,
        scope: scope ?? null,
        from: range?.from ?? null,
        to: range?.to ?? null,
      });
    }
    const how = joined.map(({ scope, from, to }) => ({ scope, from, to }));
    return {
      of: { join: how, time_column, inputs: found.map(identityOf) },
      make: steps(async (inner) => {
        const tables: QueryTable[] = [];
        for (const [index, input] of found.entries())
          tables.push(
            await inner.run(tableOf(input, input.parts, { name: `input ${index}`, rows: 'as-series' })),
          );
        return inner.run(
          work.engine.session<DerivedProblem, string>(tables, work.bounds, (session) =>
            joinInputs(session, time_column, joined),
          ),
        );
      }),
    };
  });
