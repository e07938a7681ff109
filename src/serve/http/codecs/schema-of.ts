import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import type { JsonObject } from '../../../domain/documents/json.js';

const DESCRIBED = new WeakMap<t.Mixed, JsonObject>();
const NAMED = new WeakMap<t.Mixed, string>();
const OBJECTS = new WeakMap<t.Mixed, { readonly required: t.Props; readonly optional: t.Props }>();

/** A codec and its JSON Schema, where that cannot be told from the codec's make. */
export const described = <C extends t.Mixed>(codec: C, schema: JsonObject): C => {
  DESCRIBED.set(codec, schema);
  return codec;
};

/** A codec under a name, by which a document refers to it. */
export const named = <C extends t.Mixed>(name: string, codec: C): C => {
  NAMED.set(codec, name);
  return codec;
};

/** A codec of values that may be missing. */
export const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null]);

/** An object of a request: a key that it does not have is refused. */
export const asked = <R extends t.Props, O extends t.Props>(required: R, optional: O) => {
  const codec = exactType('a mapping', required, optional);
  OBJECTS.set(codec, { required, optional });
  return codec;
};

/** Components of a document: the schemas of named codecs. */
export type Components = Map<string, JsonObject>;

/** The JSON Schema of a codec. Named ones are put into `components` and referred to. */
export const schemaOf = (codec: t.Mixed, components: Components): JsonObject => {
  const name = NAMED.get(codec);
  if (name === undefined) return plainSchema(codec, components);
  if (!components.has(name)) {
    // Before its parts, which may refer to it.
    components.set(name, {});
    components.set(name, plainSchema(codec, components));
  }
  return { $ref: `#/components/schemas/${name}` };
};

const plainSchema = (codec: t.Mixed, components: Components): JsonObject => {
  const known = DESCRIBED.get(codec);
  if (known !== undefined) return known;
  const object = OBJECTS.get(codec);
  if (object !== undefined)
    return { ...objectSchema(object.required, object.optional, components), additionalProperties: false };
  return taggedSchema(codec, components);
};

const taggedSchema = (codec: t.Mixed, components: Components): JsonObject => {
  if (codec instanceof t.StringType) return { type: 'string' };
  if (codec instanceof t.NumberType) return { type: 'number' };
  if (codec instanceof t.BooleanType) return { type: 'boolean' };
  if (codec instanceof t.NullType) return { type: 'null' };
  if (codec instanceof t.LiteralType) return { const: codec.value };
  if (codec instanceof t.KeyofType) return { enum: Object.keys(codec.keys) };
  if (codec instanceof t.ArrayType) return { type: 'array', items: schemaOf(codec.type, components) };
  if (codec instanceof t.DictionaryType)
    return { type: 'object', additionalProperties: schemaOf(codec.codomain, components) };
  if (codec instanceof t.InterfaceType) return objectSchema(codec.props, {}, components);
  if (codec instanceof t.PartialType) return objectSchema({}, codec.props, components);
  if (codec instanceof t.UnionType)
    return { anyOf: codec.types.map((type: t.Mixed) => schemaOf(type, components)) };
  if (codec instanceof t.IntersectionType)
    return { allOf: codec.types.map((type: t.Mixed) => schemaOf(type, components)) };
  if (codec instanceof t.UnknownType) return {};
  throw new Error(`the codec ${codec.name} has no JSON Schema`);
};

const objectSchema = (required: t.Props, optional: t.Props, components: Components): JsonObject => {
  const properties = Object.fromEntries(
    Object.entries({ ...required, ...optional }).map(([key, codec]) => [key, schemaOf(codec, components)]),
  );
  const keys = Object.keys(required);
  return { type: 'object', properties, ...(keys.length === 0 ? {} : { required: keys }) };
};
