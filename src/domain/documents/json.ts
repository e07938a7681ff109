/** A JSON value: what may be stored, printed, hashed and read back. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys are unordered; {@link canonicalJson} gives them an order. */
export interface JsonObject {
  readonly [key: string]: Json;
}
