import { resolve } from 'node:path';
import { Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { utf8Text } from '../../../domain/text/utf8-text.js';
import { steps } from '../../../effects/steps.js';
import type { QueryParams } from '../../../ports/query-engine.js';
import type { PondError } from '../../../steward/errors.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { hostFile, incomingContent, readUpTo } from '../../pond/host-content.js';
import { declareAt, readAt } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { answerQuery } from '../../query/answer-query.js';
import { declareMemoryLimit, memoryLimitAsked } from '../../query/memory-limit.js';
import { pondTables } from '../../query/pond-tables.js';
import { declareRowFormat, type RowFormat, rowFormatAsked } from '../../query/row-format.js';
import { pathTableAt } from '../../query/table-at.js';
import { describeFailure } from '../../words/describe-cli-error.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument(
        '[query]',
        'SQL over tables, series, CSV and JSON by their path or pattern (in quotes), and over nodes and control_table',
      )
      .option('--file <file>', 'a file of the host with the query; - is standard input')
      .addOption(
        new Option(
          '--param <name=value>',
          'the value of $name in the query; numbers, true, false and null as in JSON',
        ).argParser(collected),
      );
    declareAt(declareMemoryLimit(declareRowFormat(command)));
  },
  examples: [
    [`sql "SELECT * FROM '/weather/today.csv' LIMIT 3"`, 'a file by its path'],
    [`sql "SELECT filename, count(*) FROM '/week/**/*.csv' GROUP BY 1"`, 'all files that a pattern matches'],
    [`sql "FROM read_csv('/in/a.txt', delim = ';')"`, "DuckDB's readers and their options"],
    ['sql --file report.sql --param since=2026-01-01', 'a query with a parameter, $since'],
    [`sql "SELECT * FROM '/in/a.parquet' JOIN '/in/b.csv' USING (id)"`, 'two of them'],
    ["sql 'SELECT file_type, count(*), sum(size) FROM nodes GROUP BY file_type'", 'what is in the pond'],
    [`sql "SELECT * FROM control_table WHERE record_type = 'post_commit_failed'"`, 'what fails'],
  ],
  asksQueries: true,
  run: (invocation) =>
    steps(async ({ run, take }) => {
      const format = take(rowFormatAsked(invocation));
      const params = take(paramsGiven(invocation));
      const sql = await run(queryGiven(invocation));
      return run(pipe(invocation, withPond(answering(invocation, { format, sql, params }))));
    }),
};

const answering =
  (
    invocation: Invocation,
    query: { readonly format: RowFormat; readonly sql: string; readonly params: QueryParams },
  ) =>
  (steward: Steward): TE.TaskEither<CliError, ExitCode> =>
    pipe(
      readAt(invocation, steward),
      TE.flatMap((at) =>
        steward.read(
          ({ fs, withWorkspace }) =>
            answerQuery(invocation, {
              ...query,
              memoryLimit: memoryLimitAsked(invocation),
              tables: pondTables({ steward, fs }, query.sql),
              reads: (call) => pathTableAt(fs, call),
              withWorkspace,
            }),
          { operation: 'sql', describe: describeFailure, at, signal: invocation.terminal.interrupt },
        ),
      ),
    );

const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Bytes of the longest query in a file. */
const LONGEST_QUERY = 1024 * 1024;

/** The query that was typed, or is in the file that was named. */
const queryGiven = (invocation: Invocation): TE.TaskEither<CliError, string> =>
  steps(async ({ run, fail }) => {
    const { given, terminal, program } = invocation;
    const [typed] = given.operands;
    const file = given.text('file');
    if (typed !== undefined && file !== undefined)
      return fail(usage('a query and --file cannot be given together'));
    if (file === undefined) {
      const sql = typed ?? '';
      return sql.trim() === '' ? fail(usage('the query is empty', "pond sql 'SELECT ...', or --file")) : sql;
    }
    const path = file === '-' ? 'standard input' : resolve(terminal.workingDirectory, file);
    const bytes = file === '-' ? terminal.stdin : hostFile(program, path);
    const content = incomingContent({ bytes, path, signal: terminal.interrupt });
    const tooLarge = (): PondError => ({ _tag: 'HostFileFailed', path, code: 'EFBIG', call: 'read' });
    const text = utf8Text(await run(() => readUpTo(content, LONGEST_QUERY, tooLarge)));
    if (E.isLeft(text))
      return fail(usage(`the query in ${path} is not UTF-8: line ${text.left.line}`, 'save it as UTF-8'));
    const sql = text.right;
    return sql.trim() === '' ? fail(usage(`the query in ${path} is empty`)) : sql;
  });

/** Values as in JSON where they are numbers, true, false or null; else text. */
const paramsGiven = ({ given }: Invocation): E.Either<UsageError, QueryParams> => {
  const params: Record<string, QueryParams[string]> = {};
  for (const text of given.list('param')) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined)
      return E.left(usage(`--param ${text} is not a name and its value`, '--param since=2026-01-01'));
    params[name] = paramOf(value);
  }
  return E.right(params);
};

const paramOf = (text: string): QueryParams[string] => {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  const isNumber = /^-?(0|[1-9]\d{0,14})(\.\d+)?([eE][-+]?\d+)?$/.test(text);
  return isNumber ? Number(text) : text;
};
