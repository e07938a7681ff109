import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { UNKNOWN_KEY } from '../../domain/documents/exact-type.js';
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
  const found = checkConfig(factory, config, keyPrefix);
  const errors = envelope === null ? found.map(withEnvelopeHint(factory.name)) : found;
  return errors.length > 0 ? left({ _tag: 'InvalidConfig', path, errors }) : right({ config, keyPrefix });
};

/**
 * Without `factory:` all of the YAML is the factory's own, where a key of the envelope means nothing. (Only here: what
 * `checkConfig` says becomes part of plans, whose checksums must stay.)
 */
const withEnvelopeHint =
  (factory: string) =>
  ({ key, message }: KeyError): KeyError =>
    ENVELOPE_KEYS.includes(key) && message.startsWith(UNKNOWN_KEY)
      ? {
          key,
          message: `${message}; the envelope has a ${key}: write factory: ${factory} beside it, and the factory's own keys under config:`,
        }
      : { key, message };

/** What a factory's codec, and the notation of variables, say of a configuration with its variables unresolved. */
export const checkConfig = (factory: Factory, config: unknown, keyPrefix: string): readonly KeyError[] => {
  const decoded = decodeConfig(factory, config, keyPrefix);
  return [...malformedVariables(config, keyPrefix), ...(isLeft(decoded) ? decoded.left : [])];
};

/** The codec's answer. One that throws has rejected the configuration, for what it says. */
export const decodeConfig = (
  factory: Factory,
  config: unknown,
  keyPrefix: string,
  redact?: (text: string) => string,
): Either<readonly KeyError[], unknown> => {
  try {
    const decoded = factory.config.decode(config);
    return isLeft(decoded) ? left(keyErrors(decoded.left, keyPrefix, redact)) : right(decoded.right);
  } catch (thrown) {
    return left([{ key: keyPrefix, message: thrownMessage(thrown) }]);
  }
};
