import type * as t from 'io-ts';
import type { ExactType } from '../domain/documents/exact-type.js';

/** One key of a factory's configuration. */
export interface ReferenceKey {
  readonly name: string;
  readonly needed: boolean;
  /** Its meaning, its unit and its default in words. */
  readonly meaning: string;
}

/** Reference of a factory's configuration for whoever writes one. */
export interface FactoryReference {
  readonly keys: readonly ReferenceKey[];
  /** A configuration in its envelope, as YAML with comments, that the factory's codec accepts. */
  readonly example: string;
}

/** Joins a codec's keys with their meanings: there is none of one without the other, or it does not compile. */
export const referenceOf = <R extends t.Props, O extends t.Props>(
  codec: ExactType<R, O>,
  {
    meanings,
    example,
  }: { readonly meanings: Readonly<Record<keyof R | keyof O, string>>; readonly example: string },
): FactoryReference => ({
  keys: Object.entries<string>(meanings).map(([name, meaning]) => ({
    name,
    needed: codec.requiredKeys.includes(name),
    meaning,
  })),
  example,
});
