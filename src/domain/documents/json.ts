/** A JSON value: what may be stored, printed, hashed and read back. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys are unordered. */
export interface JsonObject {
  readonly [key: string]: Json;
}
