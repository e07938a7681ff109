import type { Json } from '../../../domain/documents/json.js';
import { isCharacter, type SqlToken, sqlTokens } from '../../../domain/text/sql-tokens.js';
import type { ContentFormat, QueryFailed, QueryRead } from '../../../ports/query-engine.js';
import { readerOf } from './reader-options.js';
import { identifier } from './sql-text.js';

/** The readers that a query may call. */
const READERS: Readonly<Record<string, ContentFormat>> = {
  read_csv: 'csv',
  read_csv_auto: 'csv',
  read_json: 'json',
  read_json_auto: 'json',
  read_ndjson: 'json',
  read_ndjson_auto: 'json',
  read_parquet: 'parquet',
};

export const isReader = (name: string): boolean => Object.hasOwn(READERS, name.toLowerCase());

interface Found {
  readonly node: { readonly [key: string]: Json };
  readonly call: { readonly [key: string]: Json };
}

/** Calls of readers as tables of a query, in the order in which they stand. */
const readersIn = (tree: Json): readonly Found[] => {
  const found: Found[] = [];
  const open: Json[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (isObject(node) && node.type === 'TABLE_FUNCTION') {
      const call = node.function;
      if (isObject(call) && isReader(String(call.function_name))) found.push({ node, call });
    }
    open.push(...Object.values(node));
  }
  return found.sort((a, b) => Number(a.call.query_location) - Number(b.call.query_location));
};

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Takes calls of readers out of a query: in the place of each stands the name of a table, which is made of the same files
 * with the same options. Paths must be written out. Throws a {@link QueryFailed} where they are not.
 */
export const withoutReadCalls = (
  sql: string,
  tree: Json,
): { readonly sql: string; readonly calls: readonly QueryRead[] } => {
  const bytes = Buffer.from(sql);
  const calls: QueryRead[] = [];
  let text = '';
  let at = 0;
  for (const { node, call } of readersIn(tree)) {
    const reader = String(call.function_name).toLowerCase();
    const start = Number(call.query_location);
    const rest = bytes.subarray(start).toString('utf8');
    const { first, options, length } = argumentsIn(rest, reader);
    const paths = literalPaths(Array.isArray(call.children) ? (call.children[0] as Json) : null);
    if (paths === null || first === '')
      throw {
        _tag: 'QueryFailed',
        message: `${reader} takes paths of the pond as they are written: '/in/a.csv', '/in/*.csv', or a list of them`,
      } satisfies QueryFailed;
    const table = `pond read ${calls.length + 1}`;
    const isNamed = typeof node.alias === 'string' && node.alias !== '';
    calls.push({
      name: table,
      paths,
      format: READERS[reader] ?? 'csv',
      ...readerOf(reader, options),
    });
    text += `${bytes.subarray(at, start).toString('utf8')}${identifier(table)}${isNamed ? '' : ` AS ${reader}`}`;
    at = start + Buffer.byteLength(rest.slice(0, length));
  }
  return { sql: text + bytes.subarray(at).toString('utf8'), calls };
};

const literalPaths = (argument: Json): readonly string[] | null => {
  if (!isObject(argument)) return null;
  if (argument.class === 'CONSTANT') {
    const value = argument.value;
    return isObject(value) && typeof value.value === 'string' && value.value.startsWith('/')
      ? [value.value]
      : null;
  }
  const isList = argument.class === 'FUNCTION' && argument.function_name === 'list_value';
  const isArray = argument.class === 'OPERATOR' && argument.type === 'ARRAY_CONSTRUCTOR';
  if (!(isList || isArray) || !Array.isArray(argument.children)) return null;
  const paths = argument.children.map((child) => literalPaths(child as Json));
  return paths.every((path) => path !== null) ? paths.flatMap((path) => path ?? []) : null;
};

/** The pieces of a call at the beginning of a text: its first argument, the others, and how long all of it is. */
const argumentsIn = (
  text: string,
  reader: string,
): { readonly first: string; readonly options: string; readonly length: number } => {
  const none = { first: '', options: '', length: 0 };
  const [name, opening, ...rest] = sqlTokens(text);
  if (name?.value.toLowerCase() !== reader || !isCharacter(opening, '(') || opening === undefined)
    return none;
  let depth = 1;
  let comma: SqlToken | null = null;
  for (const token of rest) {
    if (token.kind !== 'other') continue;
    if ('([{'.includes(token.value)) depth += 1;
    else if (')]}'.includes(token.value)) {
      depth -= 1;
      if (depth === 0)
        return {
          first: text.slice(opening.end, (comma ?? token).start),
          options: comma === null ? '' : text.slice(comma.end, token.start),
          length: token.end,
        };
    } else if (token.value === ',' && depth === 1) comma ??= token;
  }
  return none;
};
