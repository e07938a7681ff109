import { isCharacter, type SqlToken, sqlTokens } from '../../../domain/text/sql-tokens.js';

/**
 * Finds what looks like a path of the pond in a query: in quotes of any kind, and with `/` in front. More than the query reads,
 * perhaps, and nothing less.
 */
export const pathsInSql = (sql: string): readonly string[] => [
  ...new Set(
    sqlTokens(sql)
      .filter(({ kind, value }) => (kind === 'text' || kind === 'identifier') && value.startsWith('/'))
      .map(({ value }) => value),
  ),
];

/** Tells whether a query may say something else each time that it is asked of the same data. */
export const isVolatile = (sql: string): boolean => {
  const tokens = sqlTokens(sql);
  return tokens.some((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'identifier') return false;
    const name = token.value.toLowerCase();
    if (CALLED.has(name) && isCharacter(tokens[at + 1], '(')) return true;
    // `age` of one time is counted from today; of two it is the time between them.
    if (name === 'age' && isCharacter(tokens[at + 1], '(')) return countOfArguments(tokens, at + 2) === 1;
    return token.kind === 'word' && (ALONE.has(name) || isSample(tokens, at));
  });
};

/** `USING SAMPLE`, and nothing that is called so. */
const isSample = (tokens: readonly SqlToken[], at: number): boolean =>
  tokens[at]?.value.toLowerCase() === 'sample' && tokens[at - 1]?.value.toLowerCase() === 'using';

/** Arguments of a call whose first one begins at a place. */
const countOfArguments = (tokens: readonly SqlToken[], from: number): number => {
  let depth = 0;
  let count = 1;
  for (const token of tokens.slice(from)) {
    if (token.kind !== 'other') continue;
    if ('([{'.includes(token.value)) depth += 1;
    else if (token.value === ',' && depth === 0) count += 1;
    else if (')]}'.includes(token.value)) {
      if (depth === 0) break;
      depth -= 1;
    }
  }
  return count;
};

/** Words of SQL that are not called. */
const ALONE: ReadonlySet<string> = new Set([
  ...['current_timestamp', 'current_date', 'current_time', 'current_localtime', 'current_localtimestamp'],
  ...['localtime', 'localtimestamp', 'tablesample'],
]);

/** Functions that give another result each time, or at another time; a test compares them with what the engine says of its own. */
export const CALLED: ReadonlySet<string> = new Set([
  ...['now', 'today', 'get_current_time', 'get_current_timestamp', 'transaction_timestamp'],
  ...['current_localtime', 'current_localtimestamp', 'current_date', 'current_time', 'current_timestamp'],
  ...['random', 'setseed', 'uuid', 'uuidv4', 'uuidv7', 'gen_random_uuid', 'reservoir_quantile'],
  ...['txid_current', 'nextval', 'currval', 'current_query', 'current_query_id', 'current_transaction_id'],
  ...['current_connection_id', 'stats', 'sleep_ms', 'write_log', 'error'],
]);
