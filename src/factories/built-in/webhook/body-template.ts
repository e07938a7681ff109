import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Json, JsonObject } from '../../../domain/documents/json.js';
import { escapeHtml, escapeJson } from '../notices/escapes.js';
import { NOTICE_ROOTS } from '../notices/notice.js';
import { parseTemplate, renderTemplate, type Template } from '../notices/template.js';

/** A body that somebody wrote: a text, or a value whose strings are templates and which is sent as JSON. */
export type BodyTemplate =
  | { readonly _tag: 'Text'; readonly template: Template }
  | { readonly _tag: 'Value'; readonly value: Json };

const isBody = (input: unknown): input is BodyTemplate =>
  typeof input === 'object' && input !== null && '_tag' in input;

/** A `body:` in a configuration. */
export const BodyTemplateCodec = new t.Type<BodyTemplate, unknown, unknown>(
  'a text or a mapping',
  isBody,
  (input, context) => {
    if (typeof input === 'string') {
      const template = parseTemplate(input, NOTICE_ROOTS);
      return isLeft(template)
        ? t.failure(input, context, template.left)
        : t.success({ _tag: 'Text', template: template.right });
    }
    if (!isPlainData(input) || input === null || typeof input !== 'object')
      return t.failure(input, context, 'expected a text, or a mapping or list that becomes JSON');
    const problem = textsIn(input)
      .map((text) => parseTemplate(text, NOTICE_ROOTS))
      .find(isLeft);
    return problem === undefined
      ? t.success({ _tag: 'Value', value: input })
      : t.failure(input, context, problem.left);
  },
  t.identity,
);

const isPlainData = (input: unknown): input is Json => {
  if (input === null || ['string', 'number', 'boolean'].includes(typeof input)) return true;
  return typeof input === 'object' && Object.values(input).every(isPlainData);
};

const textsIn = (value: Json): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** A body's text; in a text, values are escaped as its content type asks for. */
export const renderBody = (body: BodyTemplate, data: JsonObject, contentType: string): string =>
  body._tag === 'Text'
    ? renderTemplate(body.template, data, escapeFor(contentType))
    : JSON.stringify(filled(body.value, data));

/** The same value with its strings rendered. */
const filled = (value: Json, data: JsonObject): Json => {
  if (typeof value === 'string') {
    const template = parseTemplate(value, NOTICE_ROOTS);
    return isLeft(template) ? value : renderTemplate(template.right, data);
  }
  if (value === null || typeof value !== 'object') return value;
  return isList(value)
    ? value.map((item) => filled(item, data))
    : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, data)]));
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const escapeFor = (contentType: string): ((text: string) => string) => {
  if (/\bjson\b/i.test(contentType)) return escapeJson;
  if (/\b(html|xml)\b/i.test(contentType)) return escapeHtml;
  return /x-www-form-urlencoded/i.test(contentType) ? encodeURIComponent : (text) => text;
};
