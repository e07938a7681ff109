/** A statement as PostgreSQL wants it. */
export interface Translated {
  readonly text: string;
  /** The names of its parameters, `$1` first. */
  readonly names: readonly string[];
  /** Name under which a connection keeps it prepared. */
  readonly prepared: string;
}

const known = new Map<string, Translated>();

/**
 * Translates what PostgreSQL says differently from SQLite: the names of parameters; `INDEXED BY`, which it has no word for;
 * lists of numbers, which are JSON.
 */
export const translateStatement = (statement: string): Translated => {
  const before = known.get(statement);
  if (before !== undefined) return before;
  const names: string[] = [];
  const text = statement
    .replace(/\bINDEXED BY \w+/g, '')
    .replace(
      /SELECT value FROM json_each\((@\w+)\)/g,
      'SELECT value::bigint FROM json_array_elements_text($1::json) AS value',
    )
    .replace(/@(\w+)/g, (_, name: string) => {
      const place = names.indexOf(name);
      if (place === -1) names.push(name);
      return `$${place === -1 ? names.length : place + 1}`;
    });
  const translated = { text, names, prepared: `pond-${known.size}` };
  known.set(statement, translated);
  return translated;
};
