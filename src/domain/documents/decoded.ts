import { type Either, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/**
 * Decodes a value. What is as it is to be, under a codec that changes nothing, is only looked at: to decode it, io-ts notes
 * where each member stands, in case that it is wrong, and makes an error for each member of a union that it is not.
 */
export const decoded = <A>(codec: t.Type<A, unknown>, value: unknown): Either<t.Errors, A> =>
  changesNothing(codec) && codec.is(value) ? right(value) : codec.decode(value);

const changesNothing = <A>({ encode }: t.Type<A, unknown>): boolean => encode === t.identity;
