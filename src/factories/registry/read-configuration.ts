import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import {
  asKeyError,
  type KeyError,
  type KeyProblem,
  keyProblems,
} from '../../domain/documents/decode-error.js';
import { keyPath } from '../../domain/documents/key-path.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import { ENVELOPE_KEYS, readEnvelope } from '../../domain/envelope.js';
import type { Factory, FactoryError } from '../factory.js';
import { thrownMessage } from '../thrown-message.js';
import { malformedVariables } from './resolve-variables.js';

/** A factory's own configuration, parsed, taken out of its envelope and accepted by the codec, variables unresolved. */
export interface ReadConfiguration {
  readonly config: unknown;
  /** What stands before its keys in errors: `config` inside an envelope, nothing otherwise. */
  readonly keyPrefix: string;
}

/** Reads a configuration's bytes for a factory, as far as that is possible without the environment. */
export const readConfiguration = (
  factory: Factory,
  path: string,
  bytes: Uint8Array,
): Either<FactoryError, ReadConfiguration> => {
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) return left({ _tag: 'InvalidYaml', path, problem: parsed.left.problem });
  const enveloped = readEnvelope(parsed.right);
  if (isLeft(enveloped)) return left({ _tag: 'InvalidConfig', path, errors: enveloped.left });
  const { envelope, config } = enveloped.right;
  if (envelope !== null && envelope.factory !== factory.name) {
    const message = `names ${envelope.factory}, but the node's factory is ${factory.name}`;
    return left({ _tag: 'InvalidConfig', path, errors: [{ key: 'factory', message }] });
  }
  const keyPrefix = envelope === null ? '' : 'config';
  const decoded = decodeConfig(factory, config, keyPrefix);
  const found = isLeft(decoded) ? decoded.left : [];
  const errors = [
    ...malformedVariables(config, keyPrefix),
    ...(isLeft(decoded) ? [] : storedProblems(factory, decoded.right, keyPrefix)),
    ...(envelope === null ? found.map(withEnvelopeHint(factory.name)) : found.map(asKeyError)),
  ];
  return errors.length > 0 ? left({ _tag: 'InvalidConfig', path, errors }) : right({ config, keyPrefix });
};

/**
 * Adds a hint where there is no `factory:`: all of the YAML is then the factory's own, where a key of the envelope means nothing. (Only here: what
 * `checkConfig` says becomes part of plans, whose checksums must stay.)
 */
const withEnvelopeHint =
  (factory: string) =>
  ({ key, message, isUnknownKey }: KeyProblem): KeyError =>
    ENVELOPE_KEYS.includes(key) && isUnknownKey
      ? {
          key,
          message: `${message}; the envelope has a ${key}: write factory: ${factory} beside it, and the factory's own keys under config:`,
        }
      : { key, message };

/** What a factory's codec, and the notation of variables, say of a configuration with its variables unresolved. */
export const checkConfig = (factory: Factory, config: unknown, keyPrefix: string): readonly KeyError[] => {
  const decoded = decodeConfig(factory, config, keyPrefix);
  return [
    ...malformedVariables(config, keyPrefix),
    ...(isLeft(decoded) ? decoded.left.map(asKeyError) : storedProblems(factory, decoded.right, keyPrefix)),
  ];
};

/** What the factory says of the configuration as it is stored. */
const storedProblems = (factory: Factory, config: unknown, keyPrefix: string): readonly KeyError[] =>
  (factory.checkStored?.(config) ?? []).map(({ key, message }) => ({
    key: keyPath(keyPrefix, key),
    message,
  }));

/** The codec's result. One that throws has rejected the configuration, for what it says. */
export const decodeConfig = (
  factory: Factory,
  config: unknown,
  keyPrefix: string,
  redact?: (text: string) => string,
): Either<readonly KeyProblem[], unknown> => {
  try {
    const decoded = factory.config.decode(config);
    return isLeft(decoded) ? left(keyProblems(decoded.left, keyPrefix, redact)) : right(decoded.right);
  } catch (thrown) {
    return left([{ key: keyPrefix, message: thrownMessage(thrown), steps: [], isUnknownKey: false }]);
  }
};
