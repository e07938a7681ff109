import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { asKeyError } from '../../domain/documents/decode-error.js';
import type { Factory, FactoryError } from '../factory.js';
import { decodeConfig, readConfiguration } from './read-configuration.js';
import { type Redact, redactError, redactor } from './redact.js';
import { type Environment, resolveVariables } from './resolve-variables.js';

/** A configuration that a factory can be called with, and what keeps its secrets out of what is said about it. */
export interface ResolvedConfiguration {
  readonly config: unknown;
  readonly redact: Redact;
}

/**
 * Reads a configuration, resolves its variables, and decodes it with them. The codec sees it twice: the
 * configuration as it is stored must be valid by itself, and a variable's value may not make it invalid.
 */
export const resolveConfiguration = (
  factory: Factory,
  path: string,
  bytes: Uint8Array,
  environment: Environment,
): Either<FactoryError, ResolvedConfiguration> => {
  const read = readConfiguration(factory, path, bytes);
  if (isLeft(read)) return read;
  const { keyPrefix } = read.right;
  const resolved = resolveVariables(read.right.config, environment, keyPrefix);
  if (isLeft(resolved)) return left({ _tag: 'VariableNotSet', path, ...resolved.left });
  const redact = redactor(resolved.right.secrets);
  const decoded = decodeConfig(factory, resolved.right.config, keyPrefix, redact);
  return isLeft(decoded)
    ? left(redactError(redact, { _tag: 'InvalidConfig', path, errors: decoded.left.map(asKeyError) }))
    : right({ config: decoded.right, redact });
};
