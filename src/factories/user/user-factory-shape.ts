import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import { RunWhenCodec } from '../../domain/plans/run-when.js';
import { type Callable, isCallable } from './user-answer.js';
import { type ConfigDecoder, configDecoder } from './user-config.js';

const Name = new t.Type<string>(
  'lower-case letters, digits and -, a letter first',
  t.string.is,
  (input, context) =>
    typeof input === 'string' && /^[a-z][a-z0-9-]{0,99}$/.test(input)
      ? t.success(input)
      : t.failure(input, context),
  (name) => name,
);

const CallableCodec = new t.Type<Callable>(
  'a function',
  isCallable,
  (input, context) => (isCallable(input) ? t.success(input) : t.failure(input, context)),
  (call) => call,
);

const ConfigCodec = new t.Type<ConfigDecoder, unknown, unknown>(
  'a codec or a function',
  (input): input is ConfigDecoder => configDecoder(input) !== null,
  (input, context) => {
    const decoder = configDecoder(input);
    return decoder === null ? t.failure(input, context) : t.success(decoder);
  },
  (decoder) => decoder,
);

const isEmptyList = (input: unknown): input is readonly [] => Array.isArray(input) && input.length === 0;

const NoModes = new t.Type<readonly [], readonly [], unknown>(
  'an empty list',
  isEmptyList,
  (input, context) => (isEmptyList(input) ? t.success(input) : t.failure(input, context)),
  (modes) => modes,
);

const Mode = t.keyof({ InTransactionWriter: null, PostCommitReader: null });
const common = { description: t.string, config: ConfigCodec };
const notExecutable = { ...common, modes: NoModes };

const SHAPES = {
  file: exactType(
    'file factory',
    { name: Name, kind: t.literal('file'), createFile: CallableCodec },
    notExecutable,
  ),
  directory: exactType(
    'directory factory',
    { name: Name, kind: t.literal('directory'), createDirectory: CallableCodec },
    notExecutable,
  ),
  executable: exactType(
    'executable factory',
    {
      name: Name,
      kind: t.literal('executable'),
      modes: t.readonlyArray(Mode, 'a list of modes'),
      execute: CallableCodec,
    },
    { ...common, initialize: CallableCodec, prepare: CallableCodec, runWhen: RunWhenCodec },
  ),
} as const;

const Kind = t.type({ kind: t.keyof({ file: null, directory: null, executable: null }) });

/** A user's factory with the shape of one, its functions not yet adapted. */
export type UserFactory = t.TypeOf<(typeof SHAPES)[keyof typeof SHAPES]>;

/** Tells whether an exported value has the shape of a factory. Unknown keys are refused: a misspelt `prepare` must not be passed over. */
export const decodeUserFactory = (exported: unknown): t.Validation<UserFactory> => {
  const kind = Kind.decode(exported);
  return isLeft(kind) ? kind : SHAPES[kind.right.kind].decode(withInherited(exported));
};

const FUNCTIONS = ['createFile', 'createDirectory', 'initialize', 'prepare', 'execute'];
const KEYS = ['name', 'description', 'kind', 'modes', 'config', 'runWhen', ...FUNCTIONS];

/** Tells whether it is near enough to a factory that a mistake in it is worth an error. */
export const looksLikeFactory = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  ('kind' in value || FUNCTIONS.some((name) => name in value));

/** A class keeps its functions in the prototype, where a codec does not look; its other fields are its own business. */
const withInherited = (exported: unknown): unknown => {
  if (typeof exported !== 'object' || exported === null) return exported;
  const prototype: unknown = Object.getPrototypeOf(exported);
  if (prototype === null || prototype === Object.prototype) return exported;
  return Object.fromEntries(
    KEYS.filter((key) => key in exported).map((key) => [key, Reflect.get(exported, key)]),
  );
};
