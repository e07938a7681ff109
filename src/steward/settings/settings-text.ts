import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { Document, isMap, parseDocument, stringify } from 'yaml';
import { keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import { RetentionCodec, writeDuration } from '../../domain/duration.js';
import { CONFIGURATION_DIRECTORY, SETTINGS_PATH } from '../../domain/paths/configuration-paths.js';
import { readStoreAddress } from '../../domain/store-address.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import type { PondError } from '../errors.js';
import type { Setting } from '../shapes/call-reports.js';
import { DEFAULT_SETTINGS, readSettingsFile, type Settings } from './settings.js';

const RemoteCodec = exactType(
  'remote',
  { url: t.string },
  { endpoint: t.string, region: t.string, max_bytes: t.number, max_requests: t.number },
);

const SettingsCodec = exactType(
  'Settings',
  {},
  {
    /** Modes by factory name; `pull`: commits do not run it. */
    factory_modes: t.record(t.string, t.keyof({ push: null, pull: null })),
    /** Modules with factories of the user's; relative paths are taken from the pond's directory. */
    factories: t.array(t.string),
    /** Environment variables whose values are secret, besides those whose names say so; `*` stands for any characters. */
    secret_variables: t.array(t.string),
    /** Remotes that are pushed to, by name. */
    remotes: t.record(t.string, RemoteCodec),
    /** Policy of opening a pond with unfinished work. */
    recover: exactType('recover', {}, { on_open: t.keyof({ warn: null, auto: null, off: null }) }),
    /** Tells whether a write waits for what it sets off, or leaves it to a background runner. */
    post_commit: t.keyof({ wait: null, background: null }),
    /** Settings of what runs in the background. */
    serve: exactType('serve', {}, { keep_output: RetentionCodec }),
  },
);

/** Content of the file of the settings. */
export const decodeSettings = (bytes: Uint8Array): Either<PondError, Settings> => {
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) return left(invalid('', `not valid YAML: ${parsed.left.problem}`));
  const decoded = SettingsCodec.decode(parsed.right ?? {});
  if (isLeft(decoded)) {
    const [first] = keyErrors(decoded.left);
    return left(invalid(first?.key ?? '', first?.message ?? 'cannot be read'));
  }
  const { factory_modes, factories, recover, remotes, secret_variables, post_commit, serve } = decoded.right;
  return right({
    factoryModes: factory_modes ?? DEFAULT_SETTINGS.factoryModes,
    factoryModules: factories ?? DEFAULT_SETTINGS.factoryModules,
    recoverOnOpen: recover?.on_open ?? DEFAULT_SETTINGS.recoverOnOpen,
    secretVariables: secret_variables ?? DEFAULT_SETTINGS.secretVariables,
    remotes: remotes ?? DEFAULT_SETTINGS.remotes,
    postCommit: post_commit ?? DEFAULT_SETTINGS.postCommit,
    keepOutputMs: serve?.keep_output ?? DEFAULT_SETTINGS.keepOutputMs,
  });
};

const invalid = (key: string, problem: string): PondError => ({
  _tag: 'InvalidSetting',
  path: SETTINGS_PATH,
  key,
  problem,
});

/** The settings as `config list` shows them: those that are set, and the defaults of those that are not. */
export const listSettings = (settings: Settings): readonly Setting[] => {
  const shown = (key: string, value: unknown, of: Pick<Setting, 'isDefault'>): Setting => ({
    key,
    value: stringify(value, { collectionStyle: 'flow' }).trim(),
    ...of,
  });
  return [
    ...Object.entries(settings.factoryModes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([factory, mode]) => shown(`factory_modes.${factory}`, mode, { isDefault: false })),
    ...Object.entries(settings.remotes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, remote]) => shown(`remotes.${name}`, remote, { isDefault: false })),
    shown('factories', settings.factoryModules, { isDefault: settings.factoryModules.length === 0 }),
    shown('post_commit', settings.postCommit, {
      isDefault: settings.postCommit === DEFAULT_SETTINGS.postCommit,
    }),
    shown('recover.on_open', settings.recoverOnOpen, {
      isDefault: settings.recoverOnOpen === DEFAULT_SETTINGS.recoverOnOpen,
    }),
    shown('secret_variables', settings.secretVariables, {
      isDefault: settings.secretVariables.length === 0,
    }),
    shown('serve.keep_output', writeDuration(settings.keepOutputMs), {
      isDefault: settings.keepOutputMs === DEFAULT_SETTINGS.keepOutputMs,
    }),
  ];
};

/** Sets one setting, keeping the rest of the file and its comments. The same value again is not a change. */
export const writeSetting =
  (fs: PondWriter) =>
  (key: string, value: string): TE.TaskEither<PondError, void> =>
    pipe(
      readSettingsFile(fs),
      TE.flatMap((before) =>
        pipe(
          TE.fromEither(changed(before ?? new Uint8Array(), key, value)),
          TE.flatMap((after) =>
            before !== null && Buffer.compare(before, after) === 0
              ? TE.right(undefined)
              : pipe(
                  fs.mkdirAll(CONFIGURATION_DIRECTORY),
                  TE.flatMap(() => fs.write(SETTINGS_PATH, after)),
                  TE.map(() => undefined),
                ),
          ),
        ),
      ),
    );

const changed = (before: Uint8Array, key: string, value: string): Either<PondError, Uint8Array> => {
  const path = key.split('.');
  if (path.some((name) => name === '')) return left(invalid(key, 'no such setting'));
  const parsedValue = parseYaml(Buffer.from(value));
  if (isLeft(parsedValue)) return left(invalid(key, parsedValue.left.problem));

  const existing = parseDocument(Buffer.from(before).toString('utf8'));
  if (existing.errors.length > 0) return left(invalid('', existing.errors[0]?.message ?? 'cannot be read'));
  const document = isMap(existing.contents) ? existing : new Document({});
  // Factory names may contain dots only as a whole: `factory_modes.my.factory` is one name.
  const [first, ...rest] = path;
  const steps = first === 'factory_modes' ? [first, rest.join('.')] : path;
  if (JSON.stringify(document.getIn(steps)) === JSON.stringify(parsedValue.right)) return right(before);
  if (!canSet(document, steps)) return left(invalid(key, 'no such setting'));
  if (parsedValue.right === null && first === 'remotes') document.deleteIn(steps);
  else document.setIn(steps, parsedValue.right);

  const after = Buffer.from(document.toString());
  const decoded = decodeSettings(after);
  if (isLeft(decoded)) return decoded;
  const problem = first === 'remotes' ? addressProblem(rest[0], decoded.right) : null;
  return problem === null ? right(after) : left(problem);
};

/** Problem with the address of a remote that is being set; null: there is none. Credentials in one would be in the history for good. */
const addressProblem = (name: string | undefined, { remotes }: Settings): PondError | null => {
  const set = Object.entries(remotes).filter(([known]) => name === undefined || known === name);
  for (const [, remote] of set) {
    const named = readStoreAddress(remote);
    if (isLeft(named)) return { _tag: 'InvalidPlace', url: remote.url, problem: named.left };
  }
  return null;
};

/** `setIn` throws where something on the way is not a mapping. */
const canSet = (document: Document, steps: readonly string[]): boolean =>
  steps
    .slice(0, -1)
    .map((_, index) => document.getIn(steps.slice(0, index + 1)))
    .every((node) => node === undefined || isMap(node));
