import * as t from 'io-ts';
import type { Json, JsonObject } from '../../domain/documents/json.js';

/** A column of JSON text, its value read by `codec`. */
export const jsonText = <A>(codec: t.Type<A>): t.Type<A, string, unknown> =>
  new t.Type(
    `JSON of ${codec.name}`,
    codec.is,
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context);
      try {
        return codec.validate(JSON.parse(input), context);
      } catch (problem) {
        if (problem instanceof SyntaxError) return t.failure(input, context, problem.message);
        throw problem;
      }
    },
    (value) => JSON.stringify(value),
  );

/** Depth to which lists and objects may lie in one another: as deep as SQLite's JSON may, long before a stack overflows. */
const DEEPEST = 1000;

const isJson = (value: unknown): value is Json => isJsonWithin(value, DEEPEST);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value);

const isJsonWithin = (value: unknown, levels: number): boolean => {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return true;
  if (typeof value !== 'object' || levels === 0) return false;
  return Object.values(value).every((inner) => isJsonWithin(inner, levels - 1));
};

const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type<A>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity,
  );

/** Any JSON value. */
export const jsonValue = guarded('Json', isJson);

/** A JSON object. */
export const jsonObject = guarded('JsonObject', isObject);
