import type { FactoryError, RetryWish } from './factory.js';
import { thrownMessage } from './thrown-message.js';

/** Returns what anything that was thrown, or came as an error from a user's code, says about another attempt. */
const retryWishIn = (thrown: unknown): RetryWish => {
  if (typeof thrown !== 'object' || thrown === null) return {};
  const retryable: unknown = Reflect.get(thrown, 'retryable');
  const after: unknown = Reflect.get(thrown, 'retryAfterMs');
  return {
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof after === 'number' && after >= 0 && Number.isFinite(after) ? { retryAfterMs: after } : {}),
  };
};

/** Failure of the factory whose code has thrown this. */
export const failureOf = (
  { path, factory }: { readonly path: string; readonly factory: string },
  thrown: unknown,
): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory,
  message: thrownMessage(thrown),
  ...retryWishIn(thrown),
});
