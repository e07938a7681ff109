/**
 * Finds where a string stops being JSON (RFC 8259): the offset of the first character that cannot stand there, the text's length
 * where it ends too early; null for a text that is JSON. Calls nothing for each level, so no depth is too deep.
 */
export const jsonSyntaxError = (text: string): number | null => {
  const open: ('{' | '[')[] = [];
  let at = spaceFrom(text, 0);
  /** Tells whether a value (or, in an object, a key) is expected next; `first`: the collection may end instead. */
  let expecting: 'value' | 'first-value' | 'key' | 'first-key' | 'after-value' = 'value';
  for (;;) {
    const character = text.charAt(at);
    const inner = open.at(-1);
    if (expecting === 'after-value') {
      if (inner === undefined) return at === text.length ? null : at;
      if (character === ',') {
        at += 1;
        expecting = inner === '{' ? 'key' : 'value';
      } else if (character === CLOSING[inner]) {
        at += 1;
        open.pop();
      } else return at;
    } else if (expecting === 'key' || expecting === 'first-key') {
      if (character === '}' && expecting === 'first-key') {
        at += 1;
        open.pop();
        expecting = 'after-value';
      } else {
        const key = stringFrom(text, at);
        if (key === null) return at;
        at = spaceFrom(text, key);
        if (text.charAt(at) !== ':') return at;
        at += 1;
        expecting = 'value';
      }
    } else if (character === ']' && expecting === 'first-value') {
      at += 1;
      open.pop();
      expecting = 'after-value';
    } else if (character === '{' || character === '[') {
      at += 1;
      open.push(character);
      expecting = character === '{' ? 'first-key' : 'first-value';
    } else {
      const end = stringFrom(text, at) ?? lexemeAt(WORD, text, at);
      if (end === null) return at;
      at = end;
      expecting = 'after-value';
    }
    at = spaceFrom(text, at);
  }
};

const CLOSING = { '{': '}', '[': ']' } as const;

const WORD = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![A-Za-z0-9_.+-])/y;
const SPACE = /[ \t\n\r]*/y;

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Finds where a text in quotes ends. A pattern would keep a place to come back to for each of its characters. */
const stringFrom = (text: string, begin: number): number | null => {
  if (text.charAt(begin) !== '"') return null;
  let at = begin + 1;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character < ' ') return null;
    const escaped = character === '\\' ? lexemeAt(ESCAPE, text, at) : at + 1;
    if (escaped === null) return null;
    at = escaped;
  }
  return null;
};

/** Finds where a lexeme ends that begins at an offset; null where there is none. */
const lexemeAt = (pattern: RegExp, text: string, at: number): number | null => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
};

const spaceFrom = (text: string, at: number): number => lexemeAt(SPACE, text, at) ?? at;
