import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import { type Steps, steps } from '../../effects/steps.js';
import type {
  QueryBounds,
  QueryEngine,
  QueryFailed,
  QuerySession,
  QueryTable,
} from '../../ports/query-engine.js';
import { type CompiledRules, compile, EARLIER, queryOf, SOURCE, typedView } from '../query/compile.js';
import { type FoundFile, type ReferredColumn, referenceKey } from '../query/found-file.js';
import { failingRowsQuery } from '../query/numbered-rows.js';
import { identifier } from '../query/sql.js';
import type { FoundColumn } from '../query/values-of-column.js';
import type { Check, Rules } from '../rules.js';
import { shortened } from './shortened.js';
import { type FailingRow, type FileVerdict, type RuleOutcome, unreadable, verdictOf } from './verdict.js';

/** Ports that checking a file needs. */
export interface CheckingPorts<E> {
  readonly engine: Pick<QueryEngine, 'session' | 'needed'>;
  readonly bounds: QueryBounds;
  /** The table of a name whose contents are those of a file. */
  readonly table: (name: string, path: string) => TaskEither<E, QueryTable>;
  /** Tells whether a part of a file is checked, and there is a table {@link EARLIER} of what comes before it. */
  readonly hasEarlier?: boolean;
}

/** A file that has been checked, while its tables are still open. */
export interface CheckedFile {
  readonly verdict: FileVerdict;
  readonly session: QuerySession;
  readonly compiled: CompiledRules;
  readonly found: FoundFile;
}

/**
 * Checks one file: finds its columns, counts everything in one query, and looks for rows only where some break a rule.
 * A file that cannot be read has a verdict, too. `then` goes on with the open tables.
 */
export const checkFile = <E, A>(
  ports: CheckingPorts<E>,
  rules: Rules,
  path: string,
  then: (checked: CheckedFile) => TaskEither<E | QueryFailed, A>,
): TaskEither<E, { readonly verdict: FileVerdict; readonly after: A | null }> =>
  steps(async (s) => {
    const refused: RuleOutcome[] = [];
    const asked = await withoutRefused(s, ports, rules, refused);
    const source = await s.run(ports.table(SOURCE, path));
    const files = [...new Set(rules.columns.flatMap(({ references }) => references?.file ?? []))];
    const tables: QueryTable[] = [{ ...source, values: 'as-written' }];
    const guesses = source.format !== 'parquet' && asked.rules.checks.some(isQuery);
    if (guesses) tables.push(await s.run(ports.table(GUESSED, path)));
    for (const [index, file] of files.entries())
      tables.push({ ...(await s.run(ports.table(referredTable(index), file))), values: 'as-written' });
    for (const name of asked.names) tables.push(await s.run(ports.table(name, name)));
    const hasEarlier = ports.hasEarlier === true;
    if (hasEarlier) tables.push({ ...(await s.run(ports.table(EARLIER, path))), values: 'as-written' });

    let answered: { readonly verdict: FileVerdict; readonly after: A | null } | null = null;
    const outcome = await ports.engine.session<E | QueryFailed, void>(tables, ports.bounds, (session) =>
      steps(async (inner) => {
        const found = await findFile(inner, session, {
          path,
          format: source.format,
          files,
          rules,
          guesses,
          hasEarlier,
        });
        const bound = await boundChecks(session, asked.rules, found, refused);
        const compiled = compile(bound, found);
        const { rows } = await inner.run(session.rows(compiled.sql));
        const counted = verdictOf(path, compiled, rows[0] ?? []);
        const shown = await withFailingRows(inner, session, compiled, counted);
        const verdict = { ...shown, outcomes: [...shown.outcomes, ...refused] };
        answered = { verdict, after: null };
        answered = { verdict, after: await inner.run(then({ verdict, session, compiled, found })) };
      }),
    )();
    if (isLeft(outcome)) {
      if (!isQueryFailed(outcome.left)) return s.fail(outcome.left);
      return { verdict: unreadable(path, outcome.left.message), after: null };
    }
    return answered ?? { verdict: unreadable(path, 'nothing was answered'), after: null };
  });

const isQueryFailed = (error: unknown): error is QueryFailed =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'QueryFailed';

const GUESSED = 'guessed';
const referredTable = (index: number): string => `referred_${index}`;
const isQuery = ({ measure }: Check): boolean => measure.kind === 'sql';

/** Rules without the queries that may not be asked, and the paths that the others name. */
const withoutRefused = async <E>(
  _: Steps<E>,
  { engine, bounds }: CheckingPorts<E>,
  rules: Rules,
  refused: RuleOutcome[],
): Promise<{ readonly rules: Rules; readonly names: readonly string[] }> => {
  const names = new Set<string>();
  const checks: Check[] = [];
  for (const check of rules.checks) {
    if (check.measure.kind !== 'sql') {
      checks.push(check);
      continue;
    }
    const needed = await engine.needed(queryOf(check.measure.sql), bounds.signal)();
    const call = isLeft(needed) ? undefined : needed.right.reads[0];
    if (isLeft(needed)) refused.push(wrongQuery(check, needed.left.message));
    else if (call !== undefined)
      refused.push(wrongQuery(check, `${call.reader.name} is not permitted in a check`));
    else {
      checks.push(check);
      for (const name of needed.right.tables) if (name.startsWith('/')) names.add(name);
    }
  }
  return { rules: { ...rules, checks }, names: [...names] };
};

const wrongQuery = ({ name, severity }: Check, problem: string): RuleOutcome => ({
  rule: 'sql',
  name,
  column: null,
  severity,
  passed: false,
  value: null,
  limit: 'a query',
  message: `${name}: ${problem}`,
  failingRows: [],
  isAboutRows: false,
});

const findFile = async (
  s: Steps<QueryFailed>,
  session: QuerySession,
  {
    path,
    format,
    files,
    rules,
    guesses,
    hasEarlier,
  }: Pick<FoundFile, 'path' | 'format'> & {
    readonly files: readonly string[];
    readonly rules: Rules;
    readonly guesses: boolean;
    readonly hasEarlier: boolean;
  },
): Promise<FoundFile> => {
  const columnsIn = async (table: string): Promise<readonly FoundColumn[]> => {
    const { rows } = await s.run(session.rows(`DESCRIBE SELECT * FROM ${identifier(table)}`));
    return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  };
  const referred = new Map<string, ReferredColumn>();
  for (const [index, file] of files.entries()) {
    const table = referredTable(index);
    for (const { name, type } of await columnsIn(table))
      referred.set(referenceKey({ file, column: name }), { table, type });
  }
  return {
    path,
    format,
    columns: await columnsIn(SOURCE),
    guessed: guesses ? await columnsIn(GUESSED) : [],
    earlier: hasEarlier ? await columnsIn(EARLIER) : [],
    referred: rules.columns.length === 0 ? new Map() : referred,
  };
};

/** Rules whose queries the engine understands; what it says of the others is told by name. */
const boundChecks = async (
  session: QuerySession,
  rules: Rules,
  found: FoundFile,
  refused: RuleOutcome[],
): Promise<Rules> => {
  const checks: Check[] = [];
  for (const check of rules.checks) {
    const { measure } = check;
    const bound =
      measure.kind === 'sql'
        ? await session.rows(
            `${typedView(rules, found)}\nSELECT * FROM (\n${queryOf(measure.sql)}\n) LIMIT 0`,
          )()
        : null;
    if (bound === null) checks.push(check);
    else if (isLeft(bound)) refused.push(wrongQuery(check, bound.left.message));
    else if (bound.right.columns.length !== 1)
      refused.push(
        wrongQuery(check, `a query of a check has one column, this one has ${bound.right.columns.length}`),
      );
    else checks.push(check);
  }
  return { ...rules, checks };
};

const withFailingRows = async (
  s: Steps<QueryFailed>,
  session: QuerySession,
  { rowRules }: CompiledRules,
  verdict: FileVerdict,
): Promise<FileVerdict> => {
  const failing = rowRules.filter(({ column, kind }) =>
    verdict.outcomes.some((outcome) => !outcome.passed && outcome.rule === kind && outcome.column === column),
  );
  if (failing.length === 0) return verdict;
  const { rows } = await s.run(session.rows(failingRowsQuery(failing)));
  const lists = rows[0] ?? [];
  return {
    ...verdict,
    outcomes: verdict.outcomes.map((outcome) => {
      const at = failing.findIndex(({ column, kind }) => outcome.rule === kind && outcome.column === column);
      if (at === -1) return outcome;
      const failingRows = rowsIn(lists[at] ?? null);
      return { ...outcome, failingRows, message: `${outcome.message}${firstOf(outcome, failingRows)}` };
    }),
  };
};

const rowsIn = (list: Json): readonly FailingRow[] =>
  (Array.isArray(list) ? list : []).flatMap((item: Json): readonly FailingRow[] =>
    typeof item === 'object' && item !== null && 'row' in item
      ? [{ row: Number(item.row), values: shortened((item as { readonly values?: Json }).values ?? null) }]
      : [],
  );

/** The first row, in words: `, first "x" in row 7`. */
const firstOf = ({ column }: RuleOutcome, [first]: readonly FailingRow[]): string => {
  if (first === undefined) return '';
  const { values, row } = first;
  const value =
    typeof values === 'object' && values !== null && column !== null && column in values
      ? (values as Readonly<Record<string, Json>>)[column]
      : null;
  return value == null ? `, first in row ${row}` : `, first ${JSON.stringify(value)} in row ${row}`;
};
