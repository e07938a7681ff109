import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import {
  asKeyError,
  type KeyError,
  type KeyProblem,
  keyProblems,
} from '../../domain/documents/decode-error.js';
import { keyPath } from '../../domain/documents/key-path.js';
import type { ConditionWords } from '../../domain/plans/condition.js';
import { ENVELOPE_KEYS } from '../../domain/plans/envelope.js';
import { NO_SCHEDULE } from '../../domain/schedules/schedule-words.js';
import { placeHint } from '../../planner/entries/place-hint.js';
import { isScheduled, keysAt, readEnveloped } from '../../planner/entries/read-entry.js';
import type { Factory, FactoryError } from '../factory.js';
import { thrownMessage } from '../thrown-message.js';
import { malformedVariables } from './resolve-variables.js';

/** A factory's own configuration, parsed, taken out of its envelope and accepted by the codec, variables unresolved. */
export interface ReadConfiguration {
  readonly config: unknown;
  /** Prefix of its keys in errors: `config` inside an envelope, nothing otherwise. */
  readonly keyPrefix: string;
  /** Changes that set the entry off, as the envelope says; null: it says nothing. */
  readonly condition: ConditionWords | null;
  /** Machine that the envelope names; null: none. */
  readonly host: string | null;
}

/** Characters of configurations that are kept for each factory, and what each weighs besides. */
const MOST_KEPT = 8 * 1024 * 1024;

/** Contents of the accepted configurations of a factory. */
const accepted = new WeakMap<Factory, Map<string, ReadConfiguration>>();
const weights = new WeakMap<Factory, number>();

/**
 * Reads a configuration's bytes for a factory, as far as that is possible without the environment. Equal bytes that were
 * accepted are read once: many entries have the same configuration, and every commit runs them again. What is returned is
 * shared, and not to be changed: resolving its variables makes a copy.
 */
export const readConfiguration = (
  factory: Factory,
  path: string,
  bytes: Uint8Array,
): Either<FactoryError, ReadConfiguration> => {
  // Each byte as a character: the same for the same bytes only, and faster than a digest. The envelope's keys go by the directory.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const key = `${keysAt(path) ?? 'all'} ${text}`;
  const known = accepted.get(factory)?.get(key);
  if (known !== undefined) return right(known);
  const read = readAnew(factory, path, bytes);
  if (!isLeft(read)) keep(factory, key, read.right);
  return read;
};

/** Bound on what is remembered: where there is no room for one more, all are read again when they are needed. */
const keep = (factory: Factory, key: string, configuration: ReadConfiguration): void => {
  const weight = (weights.get(factory) ?? 0) + key.length + 256;
  const kept = weight > MOST_KEPT ? new Map<string, ReadConfiguration>() : accepted.get(factory);
  accepted.set(factory, (kept ?? new Map<string, ReadConfiguration>()).set(key, configuration));
  weights.set(factory, weight > MOST_KEPT ? key.length + 256 : weight);
};

const readAnew = (
  factory: Factory,
  path: string,
  bytes: Uint8Array,
): Either<FactoryError, ReadConfiguration> => {
  const parsed = readEnveloped({ bytes, keys: keysAt(path) ?? 'all' });
  if (isLeft(parsed)) return left({ _tag: 'InvalidYaml', path, problem: parsed.left.problem });
  const enveloped = parsed.right.read;
  if (isLeft(enveloped))
    return left({ _tag: 'InvalidConfig', path, errors: enveloped.left.map(withPlaceHint(path)) });
  const { envelope, config, isBeside = false } = enveloped.right;
  if (envelope === null && isScheduled(path))
    return left({ _tag: 'InvalidConfig', path, errors: [NO_SCHEDULE] });
  if (envelope !== null && envelope.factory !== factory.name) {
    const message = `names ${envelope.factory}, but the node's factory is ${factory.name}`;
    return left({ _tag: 'InvalidConfig', path, errors: [{ key: 'factory', message }] });
  }
  const keyPrefix = envelope === null || isBeside ? '' : 'config';
  const decoded = decodeConfig(factory, config, keyPrefix);
  const found = isLeft(decoded) ? decoded.left : [];
  const errors = [
    ...malformedVariables(config, keyPrefix),
    ...(isLeft(decoded) ? [] : storedProblems(factory, decoded.right, keyPrefix)),
    ...(envelope === null ? found.map(withEnvelopeHint(factory.name, path)) : found.map(asKeyError)),
  ];
  return errors.length > 0
    ? left({ _tag: 'InvalidConfig', path, errors })
    : right({
        config,
        keyPrefix,
        condition: envelope?.condition?.words ?? null,
        host: envelope?.place.host ?? null,
      });
};

/**
 * Adds a hint where there is no `factory:`: all of the YAML is then the factory's own, where a key of the envelope means nothing. (Only here: what
 * `checkConfig` says becomes part of plans, whose checksums must stay.)
 */
const withEnvelopeHint =
  (factory: string, path: string) =>
  ({ key, message, isUnknownKey }: KeyProblem): KeyError => {
    if (!isUnknownKey) return { key, message };
    if (!ENVELOPE_KEYS.includes(key)) return withPlaceHint(path)({ key, message });
    return {
      key,
      message: `${message}; the envelope has a ${key}: write factory: ${factory} beside it, and the factory's own keys under config:`,
    };
  };

/** Adds in which directory an entry with such a key belongs. */
const withPlaceHint =
  (path: string) =>
  ({ key, message }: KeyError): KeyError => {
    const hint = placeHint(path, key);
    return { key, message: hint === null ? message : `${message}; ${hint}` };
  };

/** Reads a configuration with its variables unresolved, by a factory's codec and the notation of variables. */
export const checkConfig = (factory: Factory, config: unknown, keyPrefix: string): readonly KeyError[] => {
  const decoded = decodeConfig(factory, config, keyPrefix);
  return [
    ...malformedVariables(config, keyPrefix),
    ...(isLeft(decoded) ? decoded.left.map(asKeyError) : storedProblems(factory, decoded.right, keyPrefix)),
  ];
};

/** Errors of the factory about the configuration as it is stored. */
export const storedProblems = (factory: Factory, config: unknown, keyPrefix: string): readonly KeyError[] =>
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
