/** A piece of SQL text: what stands in quotes, with its value, a word, or any other character. */
export interface SqlToken {
  readonly kind: 'text' | 'identifier' | 'word' | 'other';
  readonly value: string;
}

/**
 * Splits SQL into tokens, as far as one must know where quotes and comments end. It does not decide what a query may
 * do: that is up to the engine's settings.
 */
export const sqlTokens = (sql: string): readonly SqlToken[] => {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const rest = sql.slice(at, at + LOOK_AHEAD);
    const blank = /^(?:\s+|--[^\n]*)/.exec(rest)?.[0].length ?? 0;
    if (blank > 0) at += blank;
    else if (rest.startsWith('/*')) at = endOfComment(sql, at);
    else if (/^e'/i.test(rest)) at = quotedPiece(sql, at + 1, 'text', tokens, true);
    else if (rest.startsWith("'")) at = quotedPiece(sql, at, 'text', tokens, false);
    else if (rest.startsWith('"')) at = quotedPiece(sql, at, 'identifier', tokens, false);
    else {
      const dollar = /^\$(?:[A-Za-z_]\w*)?\$/.exec(rest)?.[0];
      const word = /^[\p{L}_][\p{L}\p{N}_$]*/u.exec(rest)?.[0];
      if (dollar !== undefined) {
        const end = sql.indexOf(dollar, at + dollar.length);
        const stop = end === -1 ? sql.length : end;
        tokens.push({ kind: 'text', value: sql.slice(at + dollar.length, stop) });
        at = stop + dollar.length;
      } else if (word !== undefined) {
        tokens.push({ kind: 'word', value: word });
        at += word.length;
      } else {
        tokens.push({ kind: 'other', value: sql[at] ?? '' });
        at += 1;
      }
    }
  }
  return tokens;
};

/** Longer than any word that matters. */
const LOOK_AHEAD = 1024;

const quotedPiece = (
  sql: string,
  from: number,
  kind: 'text' | 'identifier',
  tokens: SqlToken[],
  hasEscapes: boolean,
): number => {
  const quote = sql[from];
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
    } else {
      tokens.push({ kind, value });
      return at + 1;
    }
  }
  tokens.push({ kind, value });
  return sql.length;
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
    if (token.kind === 'other' && token.value === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
};

/** A name in SQL. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
