import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { DynamicType } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { Factories } from '../../factories/registry/registry.js';
import { isEntryPath } from '../../steward/discovery/check-entry.js';
import type { PondError } from '../../steward/errors.js';
import { readSettings } from '../../steward/settings/read-settings.js';
import { decodeSettings, listSettings } from '../../steward/settings/settings-text.js';
import type { DynamicConfig, PondReader } from '../../tinyfs/tinyfs.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { checkEntry, warnIfIdle } from '../pond/check-entry.js';
import { hostFile, incomingContent, readUpTo } from '../pond/host-content.js';
import { hostFileState, isAsItWas } from '../pond/host-file-state.js';
import type { Wanted } from './apply-file.js';
import { type ValueDifference, valueDifferences } from './value-differences.js';

/** One thing of a pond that is not as it is wanted. */
export type PondChange =
  | { readonly kind: 'mkdir'; readonly path: PondPath }
  | {
      readonly kind: 'node';
      readonly path: PondPath;
      readonly factory: string;
      readonly entryType: DynamicType;
      readonly config: Uint8Array;
      readonly isNew: boolean;
      readonly differences: readonly ValueDifference[];
    }
  | {
      readonly kind: 'file';
      readonly path: PondPath;
      readonly content: Uint8Array;
      /** Bytes of what is there; null: nothing is. */
      readonly sizeBefore: number | null;
    }
  | {
      readonly kind: 'setting';
      readonly key: string;
      readonly before: string | null;
      readonly value: string;
    };

/** Place of a file of `pond apply`, and access to its own files. */
export interface ApplyPlace {
  readonly invocation: Pick<Invocation, 'program' | 'terminal'>;
  /** The file, absolute: names in it are taken from its directory. */
  readonly file: string;
}

type Looking = Pick<PondReader, 'exists' | 'readBytes' | 'lstat' | 'getDynamicNodeConfig'>;

/** Finds what has to be changed so that the pond has what is wanted: nothing where it has. Every configuration is checked as `mknod` checks it. */
export const pondChanges = (
  place: ApplyPlace,
  wanted: Wanted,
  fs: Looking,
  factories: Factories,
): TE.TaskEither<CliError, readonly PondChange[]> =>
  steps(async ({ run }) => {
    const settings = await run(settingChanges(wanted, fs));
    const directories: PondChange[] = [];
    for (const path of wanted.directories) {
      const found = await run(entryTypeAt(fs, path));
      if (found === null) directories.push({ kind: 'mkdir', path });
      else if (found !== 'directory')
        await run(TE.left<CliError>({ _tag: 'PathExists', path, entryType: found }));
    }
    const files: PondChange[] = [];
    for (const file of wanted.files) files.push(...(await run(fileChange(place, fs, file))));
    const nodes: PondChange[] = [];
    for (const node of wanted.nodes) nodes.push(...(await run(nodeChange(fs, factories, node))));
    const { terminal } = place.invocation;
    for (const change of files)
      if (change.kind === 'file' && isEntryPath(change.path))
        await run(checkEntry(terminal, factories, change.path, change.content));
    for (const change of nodes)
      if (change.kind === 'node') warnIfIdle(terminal, factories, change.path, change.factory);
    return [...settings, ...directories, ...files, ...nodes];
  });

const entryTypeAt = (fs: Looking, path: PondPath) =>
  pipe(
    fs.lstat(path),
    TE.map(({ entryType }) => entryType),
    TE.orElseW((error) => (error._tag === 'PathNotFound' ? TE.right(null) : TE.left<CliError>(error))),
  );

const settingChanges = ({ settings }: Wanted, fs: Looking): TE.TaskEither<CliError, readonly PondChange[]> =>
  pipe(
    readSettings(fs),
    TE.mapLeft((error): CliError => error),
    TE.flatMap((now) => {
      const known = new Map(listSettings(now).map((setting) => [setting.key, setting]));
      const changes = settings.flatMap(({ key, value }): readonly PondChange[] => {
        const before = known.get(key);
        return before !== undefined && before.value === value
          ? []
          : [{ kind: 'setting', key, before: before?.value ?? null, value }];
      });
      // The same values by themselves: what is wrong with them is found before anything is written.
      const checked = decodeSettings(Buffer.from(nested(settings)));
      return isLeft(checked) ? TE.left(checked.left) : TE.right(changes);
    }),
  );

/** Settings by dotted key as the document that they are in. */
const nested = (settings: Wanted['settings']): string => {
  const modes = settings.filter(({ key }) => key.startsWith('factory_modes.'));
  const others = settings.filter(({ key }) => !key.startsWith('factory_modes.'));
  const groups = new Map<string, string[]>();
  for (const { key, value } of others) {
    const [first = '', ...rest] = key.split('.');
    groups.set(first, [
      ...(groups.get(first) ?? []),
      rest.length === 0 ? ` ${value}` : `\n  ${rest.join('.')}: ${value}`,
    ]);
  }
  return [
    ...[...groups].map(([name, values]) => `${name}:${values.join('')}`),
    ...(modes.length === 0
      ? []
      : [
          'factory_modes:',
          ...modes.map(
            ({ key, value }) => `  ${JSON.stringify(key.slice('factory_modes.'.length))}: ${value}`,
          ),
        ]),
    '',
  ].join('\n');
};

/** Bytes of one file; larger ones are `pond copy`'s. */
const LARGEST_FILE = 64 * 1024 * 1024;

const fileChange = (
  { invocation: { program, terminal }, file }: ApplyPlace,
  fs: Looking,
  { path, source }: Wanted['files'][number],
): TE.TaskEither<CliError, readonly PondChange[]> =>
  steps(async ({ run }) => {
    const content = await run(
      'content' in source
        ? TE.right<CliError, Uint8Array>(Buffer.from(source.content))
        : async () => {
            const host = resolve(dirname(file), source.from);
            const bytes = hostFile(program, host);
            const before = hostFileState(program.files, host);
            const read = await readUpTo(
              incomingContent({ bytes, path: host, signal: terminal.interrupt }),
              LARGEST_FILE,
              (size): PondError => ({ _tag: 'ConfigTooLarge', path: host, size, limit: LARGEST_FILE }),
            );
            return isLeft(read) || isAsItWas(program.files, host, before)
              ? read
              : left<CliError>({ _tag: 'HostFileChanged', path: host });
          },
    );
    const before = await run(
      pipe(
        fs.lstat(path),
        TE.orElseW((error) => (error._tag === 'PathNotFound' ? TE.right(null) : TE.left<CliError>(error))),
      ),
    );
    if (before !== null && before.sha256 === sha256Of(content) && before.entryType === 'file') return [];
    return [{ kind: 'file', path, content, sizeBefore: before?.size ?? null }];
  });

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const nodeChange = (
  fs: Looking,
  factories: Factories,
  { path, factory, config }: Wanted['nodes'][number],
): TE.TaskEither<CliError, readonly PondChange[]> =>
  steps(async ({ run, take }) => {
    take<void>(factories.checkBytes(factory, path, config));
    const before = await run(
      pipe(
        fs.getDynamicNodeConfig(path),
        TE.orElseW((error) => (error._tag === 'PathNotFound' ? TE.right(null) : TE.left<CliError>(error))),
      ),
    );
    const differences = before === null ? [] : differencesOf(before, factory, config);
    if (before !== null && differences.length === 0) return [];
    const makesDirectory = factories.facts(factory)?.kind === 'directory';
    return [
      {
        kind: 'node',
        path,
        factory,
        config,
        differences,
        isNew: before === null,
        entryType: makesDirectory ? 'directory:dynamic' : 'file:dynamic',
      },
    ];
  });

/** Comments, quotes and the order of keys are not differences. */
const differencesOf = (
  before: DynamicConfig,
  factory: string,
  config: Uint8Array,
): readonly ValueDifference[] => [
  ...valueDifferences(before.factory, factory, '(factory)'),
  ...valueDifferences(parsedConfig(before.config), parsedConfig(config)),
];

const parsedConfig = (config: Uint8Array): unknown => {
  const parsed = parseYaml(config);
  return isLeft(parsed) ? Buffer.from(config).toString() : (parsed.right ?? {});
};
