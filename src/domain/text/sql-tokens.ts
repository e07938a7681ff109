/** A piece of SQL text: what stands in quotes, with its value, a word, or any other character. */
export interface SqlToken {
  readonly kind: 'text' | 'identifier' | 'word' | 'other';
  readonly value: string;
  /** Place of its first character; `end`: of the one after its last. */
  readonly start: number;
  readonly end: number;
}

/**
 * Splits SQL into tokens, as far as one must know where quotes and comments end. It does not decide what a query may
 * do: that is up to the engine's settings.
 */
export const sqlTokens = (sql: string): readonly SqlToken[] => {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const end = endOfBlank(sql, at);
    if (end > at) at = end;
    else {
      const token = tokenAt(sql, at);
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
};

/** The end of blanks, or of a comment, that begin at a place; the place itself where none do. */
const endOfBlank = (sql: string, at: number): number => {
  if (sql.startsWith('--', at)) {
    const end = sql.indexOf('\n', at);
    return end === -1 ? sql.length : end + 1;
  }
  if (sql.startsWith('/*', at)) return endOfComment(sql, at);
  return matched(BLANK, sql, at)?.end ?? at;
};

const BLANK = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const DOLLAR = /\$(?:[A-Za-z_]\w*)?\$/y;

const matched = (
  pattern: RegExp,
  sql: string,
  at: number,
): { readonly text: string; readonly end: number } | null => {
  pattern.lastIndex = at;
  const [text] = pattern.exec(sql) ?? [];
  return text === undefined ? null : { text, end: at + text.length };
};

const tokenAt = (sql: string, start: number): SqlToken => {
  const character = sql.charAt(start);
  if (/e/i.test(character) && sql[start + 1] === "'")
    return { ...quotedAt(sql, start + 1, { hasEscapes: true }), start };
  if (character === "'" || character === '"')
    return { ...quotedAt(sql, start, { hasEscapes: false }), start };
  const dollar = matched(DOLLAR, sql, start);
  if (dollar !== null) {
    const found = sql.indexOf(dollar.text, dollar.end);
    const stop = found === -1 ? sql.length : found;
    const end = Math.min(sql.length, stop + dollar.text.length);
    return { kind: 'text', value: sql.slice(dollar.end, stop), start, end };
  }
  const word = matched(WORD, sql, start);
  return word === null
    ? { kind: 'other', value: character, start, end: start + 1 }
    : { kind: 'word', value: word.text, start, end: word.end };
};

/** Reads what stands between quotes; a quote within it is doubled, or follows a backslash where that is an escape. */
const quotedAt = (
  sql: string,
  from: number,
  { hasEscapes }: { readonly hasEscapes: boolean },
): Omit<SqlToken, 'start'> => {
  const quote = sql[from];
  const kind = quote === "'" ? 'text' : 'identifier';
  let value = '';
  for (let at = from + 1; at < sql.length; at += 1) {
    const character = sql[at] ?? '';
    if (hasEscapes && character === '\\') {
      at += 1;
      value += sql[at] ?? '';
    } else if (character !== quote) value += character;
    else if (sql[at + 1] === quote) {
      at += 1;
      value += character;
    } else return { kind, value, end: at + 1 };
  }
  return { kind, value, end: sql.length };
};

/** Comments may be within comments. */
const endOfComment = (sql: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
};

/** The statements of a text, without those that are empty. */
export const statementsOf = (tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] => {
  const statements: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (isCharacter(token, ';')) statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
};

/** Tells whether a token is this character. */
export const isCharacter = (token: SqlToken | undefined, character: string): boolean =>
  token?.kind === 'other' && token.value === character;
