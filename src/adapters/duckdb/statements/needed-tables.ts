import type { DuckDBConnection } from '@duckdb/node-api';
import type { Json } from '../../../domain/documents/json.js';
import { isCharacter, type SqlToken, sqlTokens, statementsOf } from '../../../domain/text/sql-tokens.js';
import type { QueryFailed, QueryNeeds } from '../../../ports/query-engine.js';
import { isReader, withoutReadCalls } from './read-calls.js';
import { refusedName } from './refused-names.js';

/**
 * Needs of a query, found out on a connection that can open nothing: names of tables, not all of which need be ours
 * (those of its own WITH among them). Throws a {@link QueryFailed} for what is not a query, for several statements, and for
 * names that are refused.
 */
export const neededTables = async (closed: DuckDBConnection, sql: string): Promise<readonly string[]> =>
  (await queryAsked(closed, sql, 'refused')).tables;

/** The same with the calls of readers that stand in a query, where these are permitted. */
export const queryAsked = async (
  closed: DuckDBConnection,
  sql: string,
  readers: 'permitted' | 'refused',
): Promise<QueryNeeds> => {
  const statements = statementsOf(sqlTokens(sql));
  const [statement] = statements;
  if (statement === undefined) throw failed('the query is empty');
  if (statements.length > 1) throw failed('there are several statements; a query is one');
  const explained = explainedFrom(statement);
  const text = sql.slice(explained);
  const tree = await syntaxTree(closed, text);
  if (tree._tag === 'Tree') {
    if (tree.statements > 1) throw failed('there are several statements; a query is one');
    for (const name of tree.names) if (readers === 'refused' || !isReader(name)) refuse(name);
    const { sql: without, calls } = withoutReadCalls(text, tree.tree);
    const own = new Set(calls.map(({ name }) => name));
    const plain = calls.length === 0 ? namesByEngine(closed, text) : [];
    return {
      sql: `${sql.slice(0, explained)}${without}`,
      tables: [...new Set([...plain, ...tree.tables])].filter((name) => !own.has(name)),
      reads: calls,
    };
  }
  // PIVOT with columns that it finds out for itself is several statements to the engine, and has no syntax tree.
  if (explained === 0 && (await isPivot(closed, sql, statement))) {
    for (const { kind, value } of statement) if (kind !== 'text') refuse(value);
    const tables = statement.flatMap(({ kind, value }) =>
      kind !== 'other' && kind !== 'word' && value.startsWith('/') ? [value] : [],
    );
    return { sql, tables, reads: [] };
  }
  throw failed(
    `only queries can be answered: SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW, EXPLAIN, and no ${firstWord(statement)}`,
  );
};

const failed = (message: string): QueryFailed => ({ _tag: 'QueryFailed', message });

const refuse = (name: string): void => {
  const refused = refusedName(name);
  if (refused !== null) {
    throw failed(
      `${refused} is not permitted: a query reaches the pond's tables and files by their paths, and nothing else`,
    );
  }
};

const firstWord = (statement: readonly SqlToken[]): string =>
  (statement.find(({ kind }) => kind === 'word')?.value ?? 'such statement').toUpperCase();

/** Tells whether a query asks for a plan. */
export const isExplained = (sql: string): boolean => explainedFrom(statementsOf(sqlTokens(sql))[0] ?? []) > 0;

/** Finds where the query of an `EXPLAIN` begins; 0 where a statement is not one. */
const explainedFrom = (statement: readonly SqlToken[]): number => {
  const isWord = (at: number, word: string): boolean =>
    statement[at]?.kind === 'word' && statement[at].value.toLowerCase() === word;
  if (!isWord(0, 'explain')) return 0;
  let at = isWord(1, 'analyze') ? 2 : 1;
  // Such as (FORMAT json); a query may stand in parentheses, too.
  if (isCharacter(statement[at], '(') && (isWord(at + 1, 'format') || isWord(at + 1, 'analyze')))
    at = 1 + statement.findIndex((token, index) => index > at && isCharacter(token, ')'));
  return statement[at]?.start ?? 0;
};

type SyntaxTree =
  | {
      readonly _tag: 'Tree';
      readonly statements: number;
      readonly tree: Json;
      readonly tables: readonly string[];
      /** Names of functions and tables. */
      readonly names: readonly string[];
    }
  | { readonly _tag: 'NoQuery' };

/** Syntax trees exist for queries only. */
const syntaxTree = async (closed: DuckDBConnection, sql: string): Promise<SyntaxTree> => {
  const answer = await closed.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const tree: Json = JSON.parse(String(answer.getRows()[0]?.[0]));
  if (typeof tree !== 'object' || tree === null || !('error' in tree)) return { _tag: 'NoQuery' };
  if (tree.error === true) {
    if (tree.error_type === 'not implemented') return { _tag: 'NoQuery' };
    const path = barePath(sql, Number(tree.position));
    const message = `Parser Error: ${String(tree.error_message)}`;
    throw path === null
      ? failed(message)
      : { ...failed(message), remedy: `put the path in quotes: '${path}'` };
  }
  const { statements = [] } = tree;
  const tables = stringsOf(tree, 'table_name', 'BASE_TABLE');
  return {
    _tag: 'Tree',
    statements: Array.isArray(statements) ? statements.length : 0,
    tree,
    tables,
    names: [...tables, ...stringsOf(tree, 'function_name', null), ...viewsOfSchema(tree)],
  };
};

/** Path that stands without quotes at a character of a query; null: there is none. */
const barePath = (sql: string, position: number): string | null =>
  /^\/[^\s,;()'"]+/.exec([...sql].slice(position).join(''))?.[0] ?? null;

/** Strings under a key of a tree's nodes, of all or of those of one type. */
const stringsOf = (tree: Json, key: string, type: string | null): readonly string[] => {
  const found: string[] = [];
  const open: Json[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node) && key in node && (type === null || ('type' in node && node.type === type))) {
      found.push(String((node as Readonly<Record<string, Json>>)[key]));
    }
    open.push(...Object.values(node));
  }
  return found;
};

/** `information_schema.views` has the statements of views, and with them where the engine's files are. */
const viewsOfSchema = (tree: Json): readonly string[] =>
  stringsOf(tree, 'schema_name', 'BASE_TABLE').some(
    (schema) => schema.toLowerCase() === 'information_schema',
  ) && stringsOf(tree, 'table_name', 'BASE_TABLE').some((table) => table.toLowerCase() === 'views')
    ? ['duckdb_views']
    : [];

/** The engine's own list: it has those of `DESCRIBE`, and lacks those of joins whose columns it cannot look up yet. */
const namesByEngine = (closed: DuckDBConnection, sql: string): readonly string[] => {
  try {
    return closed.getTableNames(sql, false);
  } catch {
    // What cannot be bound without its tables: the syntax tree has them.
    return [];
  }
};

const isPivot = async (
  closed: DuckDBConnection,
  sql: string,
  statement: readonly SqlToken[],
): Promise<boolean> => {
  if (!QUERIES.has(firstWord(statement))) return false;
  if (!statement.some(({ kind, value }) => kind === 'word' && /^pivot(_wider)?$/i.test(value))) return false;
  return (await closed.extractStatements(sql)).count > 1;
};

const QUERIES: ReadonlySet<string> = new Set(['PIVOT', 'PIVOT_WIDER', 'SELECT', 'WITH', 'FROM']);
