import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import type { WouldRun } from '../domain/not-trusted.js';
import { GATE_DIRECTORY, SETTINGS_PATH } from '../domain/paths/configuration-paths.js';
import { parentOf } from '../domain/paths/pond-path.js';
import type { DiscoveredEntry } from '../planner/entries/discovered-entry.js';
import { readEntry } from '../planner/entries/read-entry.js';
import type { FactoryKinds } from './factory-kinds.js';
import { wouldRun } from './would-run.js';

/** All that discovery reads of a pond's `/etc` in one state of it, symlinks resolved. */
export interface PondConfiguration {
  /** Entries of `/etc/system.d` and the directories like it, those with reserved names included. */
  readonly entries: readonly DiscoveredEntry[];
  /** The bytes of `/etc/pond.yaml`; null where there is none. */
  readonly settings: Uint8Array | null;
  /** The modules that the settings name. */
  readonly modules: readonly string[];
  /** The addresses of the remotes that the settings name: this user's credentials would be sent there. */
  readonly remotes: readonly string[];
}

/** Tells whether anything in it could run: without that nothing needs to be approved. */
export const isCodeBearingConfiguration = (configuration: PondConfiguration): boolean =>
  configuration.modules.length > 0 || configuration.remotes.length > 0 || configuration.entries.some(isEntry);

/** Tells whether a commit might run something of it: an entry that is not switched off. */
export const mightRun = ({ entries }: PondConfiguration): boolean => entries.some(isActive);

/** Tells whether something of it might refuse a commit: a gate that is not switched off. */
export const mightRefuse = ({ entries }: PondConfiguration): boolean =>
  entries.some((entry) => parentOf(entry.path) === GATE_DIRECTORY && isActive(entry));

/** Equal configurations have equal digests, wherever their pond is and whatever its nodes' ids are. */
export const configurationDigest = ({ entries, settings }: PondConfiguration): string => {
  // Entries with equal contents may have the same bytes, of which there is one digest.
  const digests = new Map<Uint8Array, string>();
  const digestOf = (bytes: Uint8Array): string => {
    const digest = digests.get(bytes) ?? sha256(bytes);
    digests.set(bytes, digest);
    return digest;
  };
  return sha256(
    canonicalJson({
      digest_of: 'pond-steward configuration, 1',
      entries: entries
        .map(({ path, entryType, nodeFactory, content }) => ({
          // In the order in which keys are hashed: what is in it already need not be put into it.
          content: content._tag === 'Bytes' ? digestOf(content.bytes) : content._tag,
          factory: nodeFactory,
          path,
          type: entryType,
        }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      settings: settings === null ? null : sha256(settings),
    }),
  );
};

/** Description of what it would run, in words. */
export const wouldRunOf = (
  { entries, modules, remotes }: PondConfiguration,
  kinds: FactoryKinds,
): readonly WouldRun[] => [
  ...(modules.length === 0
    ? []
    : [{ path: SETTINGS_PATH, factory: null, does: modules.map((name) => `loads the module ${name}`) }]),
  ...(remotes.length === 0
    ? []
    : [
        {
          path: SETTINGS_PATH,
          factory: null,
          does: remotes.map(
            (url) => `sends its contents, with your credentials, to ${url} when it is pushed`,
          ),
        },
      ]),
  ...entries.flatMap((entry): readonly WouldRun[] => {
    const reading = readEntry(entry);
    if (reading._tag !== 'Configured' || entry.content._tag !== 'Bytes') return [];
    const said = wouldRun(entry.path, { factory: reading.factory, config: entry.content.bytes }, kinds);
    return [
      reading.envelope?.enabled === false ? { ...said, does: ['is switched off', ...said.does] } : said,
    ];
  }),
];

const isEntry = (entry: DiscoveredEntry): boolean => readEntry(entry)._tag === 'Configured';

const isActive = (entry: DiscoveredEntry): boolean => {
  const reading = readEntry(entry);
  return reading._tag === 'Configured' && reading.envelope?.enabled !== false;
};
