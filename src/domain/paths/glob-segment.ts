/** One name of a glob: `**`, a name as it is, or a pattern for names. */
export type Segment =
  | { readonly kind: 'any-depth' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'pattern'; readonly matches: (name: string) => boolean };

type Token =
  | { readonly kind: 'many' }
  | { readonly kind: 'one'; readonly accepts: (char: string) => boolean };

/** Reads one name of a glob. A bracket that is never closed, and a backslash at the end, are themselves. */
export const parseSegment = (text: string): Segment => {
  if (text === '**') return { kind: 'any-depth' };
  const chars = [...text];
  const tokens: Token[] = [];
  let literal: string | null = '';
  for (let at = 0; at < chars.length; ) {
    const { token, name, next } = tokenAt(chars, at);
    literal = literal === null || name === null ? null : literal + name;
    if (token.kind === 'one' || tokens.at(-1)?.kind !== 'many') tokens.push(token);
    at = next;
  }
  if (literal !== null) return { kind: 'name', name: literal };
  const [only] = tokens;
  return {
    kind: 'pattern',
    matches:
      tokens.length === 1 && only?.kind === 'many' ? () => true : (name) => matchTokens(tokens, [...name]),
  };
};

interface Read {
  readonly token: Token;
  /** The character that alone is meant; null for a wildcard. */
  readonly name: string | null;
  readonly next: number;
}

const tokenAt = (chars: readonly string[], at: number): Read => {
  const char = chars[at] ?? '';
  if (char === '*') return { token: { kind: 'many' }, name: null, next: at + 1 };
  if (char === '?') return { token: { kind: 'one', accepts: () => true }, name: null, next: at + 1 };
  if (char === '[') return classAt(chars, at) ?? literalRead(char, at + 1);
  const escaped = char === '\\' ? chars[at + 1] : undefined;
  return escaped === undefined ? literalRead(char, at + 1) : literalRead(escaped, at + 2);
};

const literalRead = (char: string, next: number): Read => ({
  token: { kind: 'one', accepts: (candidate) => candidate === char },
  name: char,
  next,
});

/** `[abc]`, `[a-z]`, `[!a]` or `[^a]`; a `]` in front is one of the characters. Null: never closed. */
const classAt = (chars: readonly string[], start: number): Read | null => {
  const negated = chars[start + 1] === '!' || chars[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const ranges: { readonly from: number; readonly to: number }[] = [];
  for (let at = first; at < chars.length; ) {
    if (chars[at] === ']' && at > first) {
      const within = (char: string) =>
        ranges.some(({ from, to }) => from <= codeOf(char) && codeOf(char) <= to);
      return {
        token: { kind: 'one', accepts: (char) => within(char) !== negated },
        name: null,
        next: at + 1,
      };
    }
    const low = memberAt(chars, at);
    const isRange = chars[low.next] === '-' && low.next + 1 < chars.length && chars[low.next + 1] !== ']';
    const high = isRange ? memberAt(chars, low.next + 1) : low;
    ranges.push({ from: low.code, to: high.code });
    at = high.next;
  }
  return null;
};

const memberAt = (chars: readonly string[], at: number): { readonly code: number; readonly next: number } => {
  const escaped = chars[at] === '\\' ? chars[at + 1] : undefined;
  return escaped === undefined
    ? { code: codeOf(chars[at] ?? ''), next: at + 1 }
    : { code: codeOf(escaped), next: at + 2 };
};

const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

/**
 * Matches without a regular expression: going back only to the last `*` is enough, so that no pattern takes more than
 * its length times the name's.
 */
const matchTokens = (tokens: readonly Token[], chars: readonly string[]): boolean => {
  let token = 0;
  let char = 0;
  let star = -1;
  let starChar = 0;
  while (char < chars.length) {
    const wanted = tokens[token];
    if (wanted?.kind === 'many') {
      star = token;
      starChar = char;
      token += 1;
    } else if (wanted?.accepts(chars[char] ?? '')) {
      token += 1;
      char += 1;
    } else if (star >= 0) {
      starChar += 1;
      char = starChar;
      token = star + 1;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'many');
};
