/** A JSON text from which a list is cut. */
export interface CutList {
  /** The text with `LIST` in the place of the list. */
  readonly rest: string;
  /** The list in pieces, each of which is a JSON list of some of its elements. */
  readonly pieces: Iterable<string>;
}

/** Stands in the rest for the list; no character of it is written out by any server. */
export const LIST = '\u0000list';

/** Characters of a piece, besides its last element. */
const USUAL_PIECE = 64 * 1024;

/**
 * Cuts the list at a path of names out of a JSON text, so that its elements need not all be in memory as objects. Null where there
 * is none, or the text is not JSON as far as was looked: whoever parses all of it says what is wrong.
 */
export const cutList = (text: string, path: readonly string[], piece = USUAL_PIECE): CutList | null => {
  let begin: number | null = skipSpace(text, 0);
  for (const name of path) {
    begin = memberOf(text, begin, name);
    if (begin === null) return null;
  }
  if (text[begin] !== '[') return null;
  const end = valueEnd(text, begin);
  if (end === null || text[end - 1] !== ']') return null;
  const rest = `${text.slice(0, begin)}${JSON.stringify(LIST)}${text.slice(end)}`;
  return { rest, pieces: piecesOf(text, { begin: begin + 1, end: end - 1, piece }) };
};

/** Place of the value of a name in the object, or at a number in the list, that begins here. */
const memberOf = (text: string, begin: number, name: string): number | null => {
  const isObject = text[begin] === '{';
  if (!isObject && text[begin] !== '[') return null;
  let at = skipSpace(text, begin + 1);
  for (let place = 0; at < text.length; place += 1) {
    let key = String(place);
    if (isObject) {
      const end = text[at] === '"' ? stringEnd(text, at) : null;
      if (end === null) return null;
      key = keyIn(text.slice(at, end));
      at = skipSpace(text, end);
      if (text[at] !== ':') return null;
      at = skipSpace(text, at + 1);
    }
    if (key === name) return at;
    const end = valueEnd(text, at);
    if (end === null) return null;
    at = skipSpace(text, end);
    if (text[at] !== ',') return null;
    at = skipSpace(text, at + 1);
  }
  return null;
};

/** A key as it is written, in quotes. What is not one is nobody's name. */
const keyIn = (written: string): string => {
  try {
    return String(JSON.parse(written));
  } catch {
    return LIST;
  }
};

function* piecesOf(
  text: string,
  { begin, end, piece }: { readonly begin: number; readonly end: number; readonly piece: number },
): Generator<string> {
  let from = begin;
  let comma = begin;
  for (let at = skipSpace(text, begin); at < end; at = skipSpace(text, comma + 1)) {
    if (at - from >= piece) {
      yield `[${text.slice(from, comma)}]`;
      from = comma + 1;
    }
    comma = skipSpace(text, valueEnd(text, at) ?? end);
    // After the last element; or the rest is not JSON, which whoever parses it says.
    if (text[comma] !== ',') break;
  }
  yield `[${text.slice(from, end)}]`;
}

const SPACE = /[\t\n\r ]*/y;

const skipSpace = (text: string, at: number): number => {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return Math.max(at, SPACE.lastIndex);
};

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COMMA] = [
  34, 92, 91, 93, 123, 125, 44,
];

/** Place behind the string that begins here. */
const stringEnd = (text: string, begin: number): number | null => {
  for (let at = text.indexOf('"', begin + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return null;
};

/** Place behind the value that begins here; null: the text ends inside it. */
const valueEnd = (text: string, begin: number): number | null => {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (end === null) return null;
      at = end - 1;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (depth > 0 || code !== COMMA) continue;
    else return at;
    if (depth === 0) return at + 1;
  }
  return null;
};
