import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { Jsonable } from '../../../domain/documents/canonical-json.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { textThat } from '../../../domain/documents/value-that.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { ContentFormat, QueryReader, QueryTable } from '../../../ports/query-engine.js';
import { compressionOf, contentFormat } from '../../../queries/content-format.js';
import type { FileFactory } from '../../factory.js';
import { referenceOf } from '../../factory-reference.js';
import { type DerivedDeps, derivedContent, type Recipe, type Work } from './derived-content.js';
import type { DerivedProblem } from './derived-problem.js';
import { type Input, identityOf, inputAt, tableOf } from './inputs.js';
import { isVolatile, pathsInSql } from './sql-paths.js';

const Config = exactType(
  'sql-derived configuration',
  { sql: textThat('a query', (text) => text.trim() !== '') },
  { format: t.keyof({ parquet: null, csv: null, json: null }, 'parquet, csv or json') },
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    sql: 'one query; it names files, tables, series and other derived nodes of the pond by their quoted paths or patterns, or calls read_csv, read_json or read_parquet with them',
    format:
      'parquet, csv or json (one object a line); default: what the ending of its name says, else parquet',
  },
  example: `# The warm days, as a file that is computed when it is read: /derived/warm.parquet
factory: sql-derived
config:
  sql: |
    SELECT date, temp_max FROM '/weather/2012.csv'
    WHERE temp_max > 25
    ORDER BY date
  format: parquet
`,
});

/** Makes a file of the rows of a query, whenever it is read. */
export const sqlDerived = (deps: DerivedDeps): FileFactory<Config> => ({
  name: 'sql-derived',
  description: 'A file with the rows of a query, computed when it is read.',
  kind: 'file',
  modes: [],
  config: Config,
  reference,
  makes: ({ sql }) => [{ name: '', reads: pathsInSql(sql) }],
  createFile: ({ path, fs }, { sql, format }) =>
    TE.right(
      derivedContent(deps, { path, factory: 'sql-derived' }, fs, (work) => {
        if (compressionOf(path) !== null)
          return TE.left({
            _tag: 'NotDerivable',
            message: 'its name says that it is compressed, which a derived file is not; name it otherwise',
          });
        const ending = endingOf(path);
        if (format !== undefined && ending !== null && ending !== format)
          return TE.left({
            _tag: 'NotDerivable',
            message: `its name ends in another format than ${format}; say format: ${ending}, or name it otherwise`,
          });
        return queryRecipe(work, sql, format ?? ending ?? 'parquet');
      }),
    ),
});

/** The format that a name promises; null where it promises none. */
const endingOf = (path: PondPath): ContentFormat | null => {
  const format = contentFormat({ entryType: 'file', path });
  return format._tag === 'Left' ? null : format.right;
};

const queryRecipe = (work: Work, sql: string, format: ContentFormat): TE.TaskEither<DerivedProblem, Recipe> =>
  steps(async (s) => {
    const needed = await s.run(work.engine.needed(sql, work.bounds.signal));
    const inputs: NamedInput[] = [];
    for (const name of needed.tables.filter((each) => each.startsWith('/')).sort())
      inputs.push({ name, reader: null, found: [await s.run(inputAt(work, name))] });
    for (const { name, paths, format: as, compression, reader } of needed.reads) {
      const found: Input[] = [];
      for (const path of paths) found.push(await s.run(inputAt(work, path, { format: as, compression })));
      inputs.push({ name, reader, found });
    }
    return {
      of: isVolatile(sql) ? null : { sql, format, inputs: inputs.map(identityOfNamed) },
      make: steps(async (inner) => {
        const tables: QueryTable[] = [];
        for (const input of inputs) tables.push(await inner.run(namedTable(input)));
        const written = await inner.run(
          work.engine.session<DerivedProblem, { readonly file: string }>(tables, work.bounds, (session) =>
            session.write(needed.sql, { format }),
          ),
        );
        return written.file;
      }),
    };
  });

/** Inputs that are one table of the query: those of a path or a pattern, or all that a reader is called for. */
interface NamedInput {
  readonly name: string;
  readonly reader: QueryReader | null;
  readonly found: readonly Input[];
}

/** Names of files are values of the column `filename`, so that the result depends on them, too. */
const identityOfNamed = ({ found }: NamedInput): Jsonable => ({
  inputs: found.map(identityOf),
  files: found.flatMap(({ parts }) => parts.map(({ path }) => path)),
});

const namedTable = ({ name, reader, found }: NamedInput): TE.TaskEither<DerivedProblem, QueryTable> =>
  steps(async (s) => {
    const tables: QueryTable[] = [];
    for (const input of found)
      tables.push(await s.run(tableOf(input, input.parts, { name, rows: 'as-series' })));
    const [first] = tables;
    if (first === undefined)
      return s.fail({ _tag: 'NotDerivable', message: 'a reader is called without a path' });
    const isOfSeveral =
      found.length > 1 || found.some((input) => input.parts.some((part) => part.path !== input.path));
    if (!isOfSeveral && reader === null) return first;
    const filenames = found.flatMap(({ parts }) => parts.map(({ path }) => path));
    return {
      ...first,
      contents: tables.flatMap(({ contents }) => contents),
      ...(isOfSeveral ? { filenames } : {}),
      ...(reader === null ? {} : { reader }),
    };
  });
