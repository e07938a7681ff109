import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../../domain/documents/decode-error.js';
import { parseYaml, type YamlProblem } from '../../domain/documents/yaml-document.js';
import { SCHEDULE_DIRECTORY, WATCH_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import {
  type Envelope,
  type EnvelopedConfig,
  type EnvelopeKeys,
  readEnvelope,
} from '../../domain/plans/envelope.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { remembered } from '../../domain/remembered.js';
import type { EntryType } from '../../domain/tree/node-row.js';
import { WATCH_FACTORY } from '../../domain/watches/watch-words.js';
import type { DiscoveredEntry } from './discovered-entry.js';

/** Meaning of an entry's bytes. */
export type EntryReading =
  | { readonly _tag: 'NotAFactory'; readonly entryType: EntryType }
  | { readonly _tag: 'Invalid'; readonly factory: string | null; readonly errors: readonly EntryError[] }
  | {
      readonly _tag: 'Configured';
      readonly factory: string;
      /** Null where the whole YAML is the factory's configuration. */
      readonly envelope: Envelope | null;
      /** The factory's own configuration, variables unresolved. */
      readonly config: unknown;
      /** Prefix of the configuration's keys in errors. */
      readonly keyPrefix: 'config' | '';
    };

/**
 * Reads an entry: a dynamic node's YAML is an envelope when it has a top-level `factory:`, otherwise all of it is
 * the configuration of the node's factory; a plain file is an entry only when its YAML has that key. `keys`: those that
 * an envelope may have.
 */
export const readEntry = (entry: DiscoveredEntry, keys: EnvelopeKeys = 'all'): EntryReading => {
  const known = readings.get(entry);
  if (known !== undefined && known.keys === keys) return known.reading;
  const reading = readAs(entry, keys);
  readings.set(entry, { keys, reading });
  return reading;
};

/** Readings of entries, which never change: each is read for every commit several times, and again for its task. */
const readings = new WeakMap<
  DiscoveredEntry,
  { readonly keys: EnvelopeKeys; readonly reading: EntryReading }
>();

const readAs = (entry: DiscoveredEntry, keys: EnvelopeKeys): EntryReading => {
  switch (entry.content._tag) {
    case 'NoConfiguration':
      return { _tag: 'NotAFactory', entryType: entry.entryType };
    case 'Unreadable':
      return invalid(entry.nodeFactory, { _tag: 'Unreadable', problem: entry.content.problem });
    case 'Bytes':
      return readBytes(entry, entry.content.bytes, keysAt(entry.path) ?? keys);
  }
};

/** Keys that the envelope of an entry has because of where it is; null: all of them. */
export const keysAt = (path: string): EnvelopeKeys | null =>
  isScheduled(path) ? 'scheduled' : isWatch(path) ? 'watching' : null;

/** Tells whether an entry is one that runs at its time. */
export const isScheduled = (path: string): boolean => isIn(SCHEDULE_DIRECTORY, path);

/** Tells whether an entry is one that takes in what arrives in a folder. */
export const isWatch = (path: string): boolean => isIn(WATCH_DIRECTORY, path);

const isIn = (directory: string, path: string): boolean => path.slice(0, path.lastIndexOf('/')) === directory;

const readBytes = (entry: DiscoveredEntry, bytes: Uint8Array, keys: EnvelopeKeys): EntryReading => {
  const { nodeFactory, entryType, path } = entry;
  const parsed = readEnveloped({ bytes, keys });
  if (isLeft(parsed)) {
    return nodeFactory !== null || meantAsFactory(entry, bytes)
      ? invalid(nodeFactory, { _tag: 'InvalidYaml', problem: parsed.left.problem })
      : { _tag: 'NotAFactory', entryType };
  }
  const { named, read } = parsed.right;
  if (isLeft(read)) {
    return invalid(nodeFactory ?? named, { _tag: 'InvalidKeys', path, errors: read.left });
  }

  const { envelope, config, isBeside = false } = read.right;
  if (keys === 'watching' && nodeFactory !== null && nodeFactory !== WATCH_FACTORY)
    return invalid(nodeFactory, { _tag: 'FactoryMismatch', node: nodeFactory, envelope: WATCH_FACTORY });
  if (envelope === null) {
    return nodeFactory === null
      ? { _tag: 'NotAFactory', entryType }
      : { _tag: 'Configured', factory: nodeFactory, envelope, config, keyPrefix: '' };
  }
  if (nodeFactory !== null && nodeFactory !== envelope.factory) {
    return invalid(nodeFactory, { _tag: 'FactoryMismatch', node: nodeFactory, envelope: envelope.factory });
  }
  const keyPrefix = isBeside ? '' : 'config';
  return { _tag: 'Configured', factory: envelope.factory, envelope, config, keyPrefix };
};

/** A configuration as far as it does not depend on whose it is. */
interface ReadEnveloped {
  /** The factory that an envelope names, whatever else is wrong with it. */
  readonly named: string | null;
  readonly read: Either<readonly KeyError[], EnvelopedConfig>;
}

interface Configuration {
  readonly bytes: Uint8Array;
  readonly keys: EnvelopeKeys;
}

const readParsed = ({ bytes, keys }: Configuration): Either<YamlProblem, ReadEnveloped> => {
  const parsed = parseYaml(bytes);
  return isLeft(parsed)
    ? parsed
    : right({ named: factoryNamedIn(parsed.right), read: readEnvelope(parsed.right, keys) });
};

/** Enough for a hundred thousand small ones. */
const MOST_KEPT = 64 * 1024 * 1024;

/** Reads an entry's bytes. Configurations seldom change and are read for every commit, and again for each of its tasks: each is parsed once. */
export const readEnveloped = remembered(
  MOST_KEPT,
  // Each byte as a character: the same for the same bytes only, and faster than a digest.
  ({ bytes, keys }: Configuration) =>
    keys + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
  readParsed,
);

const invalid = (factory: string | null, ...errors: readonly EntryError[]): EntryReading => ({
  _tag: 'Invalid',
  factory,
  errors,
});

const factoryNamedIn = (value: unknown): string | null => (Naming.is(value) ? value.factory : null);

const Naming = t.type({ factory: t.string });

/** Tells whether a plain file that is not YAML was meant to be an entry: a typing error must not silently switch a task off. */
const meantAsFactory = ({ path }: DiscoveredEntry, bytes: Uint8Array): boolean =>
  /\.ya?ml$/i.test(path) || /^factory\s*:/m.test(Buffer.from(bytes).toString('latin1'));
