import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { asKeyError } from '../../domain/documents/decode-error.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import { wordsWithoutSecrets } from '../../domain/secrets/words-without-secrets.js';
import type { Factory, FactoryError } from '../factory.js';
import { decodeConfig, readConfiguration } from './read-configuration.js';
import { redactError } from './redact.js';
import { type Environment, resolveVariables } from './resolve-variables.js';

/** A configuration that a factory can be called with, and what keeps its secrets out of what is said about it. */
export interface ResolvedConfiguration {
  readonly config: unknown;
  readonly redact: Redact;
}

/** Variables that a configuration is resolved in. */
export interface Surroundings {
  readonly environment: Environment;
  /** Names of variables that are secret whatever the configuration says, besides those whose names say so. */
  readonly secretVariables: readonly string[];
}

/**
 * Reads a configuration, resolves its variables, and decodes it with them. The codec sees it twice: the
 * configuration as it is stored must be valid by itself, and a variable's value may not make it invalid.
 */
export const resolveConfiguration = (
  factory: Factory,
  path: string,
  bytes: Uint8Array,
  surroundings: Surroundings,
): Either<FactoryError, ResolvedConfiguration> => {
  const { environment, secretVariables } = surroundings;
  const read = readConfiguration(factory, path, bytes);
  if (isLeft(read)) return read;
  const { keyPrefix } = read.right;
  const resolved = resolveVariables(read.right.config, environment, keyPrefix);
  if (isLeft(resolved)) return left({ _tag: 'VariableNotSet', path, ...resolved.left });
  const { secrets } = resolved.right;
  const redact =
    secrets.length === 0
      ? withoutListed(surroundings)
      : wordsWithoutSecrets(environment, { values: secrets, listed: secretVariables });
  const decoded = decodeConfig(factory, resolved.right.config, keyPrefix, redact);
  return isLeft(decoded)
    ? left(redactError(redact, { _tag: 'InvalidConfig', path, errors: decoded.left.map(asKeyError) }))
    : right({ config: decoded.right, redact });
};

/** Result that a configuration without variables of its own has in common with all others of its surroundings. */
const listed = new WeakMap<Surroundings, Redact>();

const withoutListed = (surroundings: Surroundings): Redact => {
  const { environment, secretVariables } = surroundings;
  const redact = listed.get(surroundings) ?? wordsWithoutSecrets(environment, { listed: secretVariables });
  listed.set(surroundings, redact);
  return redact;
};
