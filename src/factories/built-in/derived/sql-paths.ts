/**
 * Finds what looks like a path of the pond in a query: quoted, and with `/` in front. More than the query reads, perhaps, and
 * nothing less.
 */
export const pathsInSql = (sql: string): readonly string[] => {
  const found = new Set<string>();
  for (const [, quote = '', inner = ''] of sql.matchAll(/(['"])(\/(?:(?!\1).|\1\1)*)\1/gs))
    found.add(inner.replaceAll(quote + quote, quote));
  return [...found];
};

/** Tells whether a query may say something else each time that it is asked of the same data. */
export const isVolatile = (sql: string): boolean => VOLATILE.test(sql.replace(/'(?:[^']|'')*'/g, "''"));

const VOLATILE =
  /\b(?:now|current_timestamp|current_date|current_time|current_localtime|current_localtimestamp|localtime|localtimestamp|today|get_current_time(?:stamp)?|transaction_timestamp|random|setseed|uuid|uuidv4|uuidv7|gen_random_uuid|txid_current|nextval|sample|tablesample)\b/i;
