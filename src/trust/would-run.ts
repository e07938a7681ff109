import { isLeft } from 'fp-ts/lib/Either.js';
import { parseYaml } from '../domain/documents/yaml-document.js';
import type { WouldRun } from '../domain/not-trusted.js';
import { readEnvelope } from '../domain/plans/envelope.js';
import { WATCH_FACTORY } from '../domain/watches/watch-words.js';
import { keysAt } from '../planner/entries/read-entry.js';
import type { ConfiguredNode } from './code-bearing.js';
import type { FactoryKinds } from './factory-kinds.js';
import { textsIn, variablesIn } from './variables-in.js';

/** A text longer than this is cut where it is shown. */
const LONGEST = 300;

/** Address that HydroVu is collected from where nothing else is said. */
const HYDROVU = 'https://www.hydrovu.com';

/** Describes what a node would do, in words, as far as its configuration says it. */
export const wouldRun = (path: string, node: ConfiguredNode, kinds: FactoryKinds): WouldRun => {
  const parsed = parseYaml(node.config);
  if (isLeft(parsed)) return { path, factory: node.factory, does: ['cannot be read as YAML'] };
  const enveloped = readEnvelope(parsed.right, keysAt(path) ?? 'all');
  const config = isLeft(enveloped) ? parsed.right : enveloped.right.config;
  const does = [
    ...(kinds.has(node.factory) ? [] : ['runs code of a module']),
    ...(node.factory === 'command' ? commandLine(config) : []),
    ...(node.factory === 'host-export' ? exportTarget(config) : []),
    ...(node.factory === WATCH_FACTORY ? watchedFolder(config) : []),
    ...(node.factory === 'replication-manager' ? ['pushes the pond to its remote'] : []),
    ...(node.factory === 'hydrovu' && memberOf(config, 'base_url') === undefined
      ? [`speaks to ${HYDROVU}`]
      : []),
    ...hostsIn(config).map((host) => `speaks to ${host}`),
    ...variablesIn(parsed.right).map((name) => `reads the variable ${name}`),
  ];
  return { path, factory: node.factory, does: does.length === 0 ? [`runs ${node.factory}`] : does };
};

const commandLine = (config: unknown): readonly string[] => {
  const run = memberOf(config, 'run');
  if (!Array.isArray(run)) return [];
  const words = run.map((word) =>
    /^[\w@%+=:,./-]+$/.test(String(word)) ? String(word) : JSON.stringify(word),
  );
  const shell = memberOf(config, 'shell') === true ? ' with a shell' : '';
  const cwd = memberOf(config, 'cwd');
  return [`runs${shell} ${cut(words.join(' '))}${typeof cwd === 'string' ? ` in ${cut(cwd)}` : ''}`];
};

const exportTarget = (config: unknown): readonly string[] => {
  const target = memberOf(config, 'target');
  return typeof target === 'string' ? [`writes below ${cut(target)}`] : [];
};

const watchedFolder = (config: unknown): readonly string[] => {
  const folder = memberOf(config, 'folder');
  const after = memberOf(config, 'after');
  const moved = typeof after === 'string' ? /^move:\s*(.*)$/s.exec(after)?.[1] : memberOf(after, 'move');
  const refused = memberOf(config, 'refused');
  return [
    ...(typeof folder === 'string' ? [`takes in files of ${cut(folder)}`] : []),
    ...(after === 'delete' ? ['deletes them afterwards'] : []),
    ...(typeof moved === 'string' ? [`moves them to ${cut(moved)}`] : []),
    ...(typeof refused === 'string' ? [`moves what is refused to ${cut(refused)}`] : []),
  ];
};

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

const hostsIn = (config: unknown): readonly string[] => [
  ...new Set(
    textsIn(config)
      .filter((text) => ADDRESS.test(text))
      .map((text) => cut(withoutCredentials(text))),
  ),
];

/** Scheme and host of an address, without what may be a password or a token. */
const withoutCredentials = (text: string): string => {
  const rest = text.replace(ADDRESS, '');
  const authority = rest.slice(0, rest.search(/[/?#]|$/));
  return `${text.slice(0, text.length - rest.length)}${authority.slice(authority.lastIndexOf('@') + 1)}`;
};

const memberOf = (config: unknown, key: string): unknown =>
  typeof config === 'object' && config !== null && Object.hasOwn(config, key)
    ? (config as Readonly<Record<string, unknown>>)[key]
    : undefined;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
