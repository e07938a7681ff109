import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Json } from '../../../domain/documents/json.js';

/** A text with places for data: `commit {{commit.txn_seq}}`. */
export interface Template {
  readonly parts: readonly (string | Place)[];
}

/** A place that a value takes, found by names of members and positions in lists. */
interface Place {
  readonly path: readonly string[];
}

const PLACE = /\{\{(.*?)\}\}/gs;
const NAME = /^[A-Za-z0-9_-]+$/;

/**
 * Reads a template. A place is `{{path.to.value}}` and nothing else: there are no expressions, calls or conditions, so
 * that a template shows data and does nothing. Its first name must be one of `roots`. An error is in words.
 */
export const parseTemplate = (text: string, roots: readonly string[]): Either<string, Template> => {
  const parts: (string | Place)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACE)) {
    const written = match[0];
    const path = (match[1] ?? '').trim().split('.');
    const [root = ''] = path;
    if (!path.every((name) => NAME.test(name)))
      return left(`${written} is not a path of names such as {{commit.txn_seq}}`);
    if (!roots.includes(root)) return left(`${written} names ${root}; there are ${roots.join(', ')}`);
    parts.push(text.slice(end, match.index), { path });
    end = match.index + written.length;
  }
  const rest = text.slice(end);
  return /\{\{|\}\}/.test(rest) || parts.some((part) => typeof part === 'string' && part.includes('}}'))
    ? left('a place for data is written {{path.to.value}}, and one brace pair is missing')
    : right({ parts: [...parts, rest].filter((part) => part !== '') });
};

/** Renders a template; `escaped` makes of a value's text what its surroundings take for that text. What is not there is empty. */
export const renderTemplate = (
  { parts }: Template,
  data: Json,
  escaped: (text: string) => string = (text) => text,
): string =>
  parts.map((part) => (typeof part === 'string' ? part : escaped(textOf(valueAt(data, part.path))))).join('');

/** Only what is the data's own: by their prototypes, values have members that are not data. */
const valueAt = (data: Json, path: readonly string[]): Json =>
  path.reduce<Json>(
    (value, name) =>
      typeof value === 'object' && value !== null && name !== 'length' && Object.hasOwn(value, name)
        ? ((value as Readonly<Record<string, Json>>)[name] ?? null)
        : null,
    data,
  );

const textOf = (value: Json): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** A template in a configuration. */
export const templateCodec = (roots: readonly string[]): t.Type<Template, string, unknown> =>
  new t.Type<Template, string, unknown>(
    'a text',
    isTemplate,
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context);
      const parsed = parseTemplate(input, roots);
      return isLeft(parsed) ? t.failure(input, context, parsed.left) : t.success(parsed.right);
    },
    printTemplate,
  );

const isTemplate = (input: unknown): input is Template =>
  typeof input === 'object' && input !== null && 'parts' in input;

const printTemplate = ({ parts }: Template): string =>
  parts.map((part) => (typeof part === 'string' ? part : `{{${part.path.join('.')}}}`)).join('');
