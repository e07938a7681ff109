import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';

/** More alternatives than this are a mistake, or an attack. */
const ALTERNATIVES_MAX = 1000;

/**
 * All strings that a pattern with braces stands for: `a{b,c}` is `ab` and `ac`, `{1..3}` is `1`, `2` and `3`, `{01..10}`
 * keeps its width. Braces without a comma or a range are themselves. Left: there are too many.
 */
export const expandBraces = (pattern: string): Either<'too-many-alternatives', readonly string[]> => {
  const open: string[] = [pattern];
  const expanded = new Set<string>();
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const group = firstGroup(text);
    if (isLeft(group)) {
      expanded.add(text);
    } else {
      const { before, alternatives, after } = group.right;
      if (alternatives.length + open.length + expanded.size > ALTERNATIVES_MAX)
        return left('too-many-alternatives');
      open.push(...alternatives.map((alternative) => before + alternative + after));
    }
  }
  return right([...expanded]);
};

interface Group {
  readonly before: string;
  readonly alternatives: readonly string[];
  readonly after: string;
}

/** The first pair of braces that stands for alternatives. Left: there is none. */
const firstGroup = (text: string): Either<null, Group> => {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') {
      const parts = partsOf(text, at);
      const alternatives = parts === null ? [] : alternativesOf(parts.texts);
      if (parts !== null && alternatives.length > 0)
        return right({ before: text.slice(0, at), alternatives, after: text.slice(parts.end + 1) });
    }
  }
  return left(null);
};

/** Returns what lies between the commas of the group that opens at `start`; null when it is never closed. */
const partsOf = (text: string, start: number): { texts: readonly string[]; end: number } | null => {
  const texts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      texts.push(text.slice(from, at));
      from = at + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth === 0) return { texts: [...texts, text.slice(from, at)], end: at };
    }
  }
  return null;
};

const alternativesOf = (texts: readonly string[]): readonly string[] =>
  texts.length > 1 ? texts : rangeOf(texts[0] ?? '');

const rangeOf = (text: string): readonly string[] => {
  const [, from, to] = /^(-?\d{1,15}|[a-zA-Z])\.\.(-?\d{1,15}|[a-zA-Z])$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return [];
  const numbers = /\d/.test(from) && /\d/.test(to);
  if (!numbers && (/\d/.test(from) || /\d/.test(to))) return [];
  const first = numbers ? Number(from) : from.charCodeAt(0);
  const last = numbers ? Number(to) : to.charCodeAt(0);
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  // One more than allowed is enough to be refused.
  const count = Math.min(Math.abs(last - first), ALTERNATIVES_MAX) + 1;
  return Array.from({ length: count }, (_, step) => {
    const value = first + (last >= first ? step : -step);
    return numbers ? padded(value, width) : String.fromCharCode(value);
  });
};

const padded = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0');
