import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';

const isMode = (input: unknown): input is string => typeof input === 'string' && /^0?[0-7]{3,4}$/.test(input);

/** Permission bits as people write them, `"0644"`. */
const Mode = new t.Type<string, string, unknown>(
  'an octal mode in quotes such as "0644"',
  isMode,
  (input, context) => (isMode(input) ? t.success(input) : t.failure(input, context)),
  (mode) => mode,
);

const isBase64 = (input: unknown): input is string =>
  typeof input === 'string' &&
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(input);

const Base64 = new t.Type<string, string, unknown>(
  'a text in base64',
  isBase64,
  (input, context) => (isBase64(input) ? t.success(input) : t.failure(input, context)),
  (text) => text,
);

const isId = (input: unknown): input is string =>
  typeof input === 'string' && input !== '' && input.length <= 200;

const Id = new t.Type<string, string, unknown>(
  'a text of 1 to 200 characters',
  isId,
  (input, context) => (isId(input) ? t.success(input) : t.failure(input, context)),
  (id) => id,
);

const LinkMode = t.union([t.literal('relative'), t.literal('absolute')]);

const named = <K extends string>(kind: K) => ({ id: Id, kind: t.literal(kind) });

/** One codec for each kind. Paths are texts here; that they are absolute and normalised is the planner's to say. */
const codecs = {
  /** A symlink at `target` that leads to `source`. */
  LinkCreate: exactType(
    'LinkCreate',
    { ...named('LinkCreate'), source: t.string, target: t.string },
    { mode: LinkMode, replace: t.boolean },
  ),
  /** Removes a symlink, and nothing else. */
  LinkDelete: exactType('LinkDelete', { ...named('LinkDelete'), target: t.string }, {}),
  /** A directory; one that is there already is left as it is. */
  DirCreate: exactType('DirCreate', { ...named('DirCreate'), path: t.string }, { mode: Mode }),
  /** Removes an empty directory. */
  DirDelete: exactType('DirDelete', { ...named('DirDelete'), path: t.string }, {}),
  /** Removes a directory with everything in it. */
  DirRemoveAll: exactType('DirRemoveAll', { ...named('DirRemoveAll'), path: t.string }, {}),
  /** Moves a file or a symlink, also across devices. */
  FileMove: exactType(
    'FileMove',
    { ...named('FileMove'), from: t.string, to: t.string },
    { replace: t.boolean },
  ),
  /** A copy of a file with its mode and modification time, for whatever happens to it afterwards. */
  FileBackup: exactType('FileBackup', { ...named('FileBackup'), source: t.string, backup: t.string }, {}),
  /** A copy of a file's content. */
  FileCopy: exactType(
    'FileCopy',
    { ...named('FileCopy'), source: t.string, dest: t.string },
    { mode: Mode, replace: t.boolean },
  ),
  /** A copy of a directory with everything in it. */
  DirCopy: exactType('DirCopy', { ...named('DirCopy'), source: t.string, dest: t.string }, {}),
  /** A file with this content. */
  FileWrite: exactType(
    'FileWrite',
    { ...named('FileWrite'), path: t.string },
    { content: t.string, content_base64: Base64, mode: Mode, replace: t.boolean },
  ),
  /** Removes a file. */
  FileDelete: exactType('FileDelete', { ...named('FileDelete'), path: t.string }, {}),
};

type Codecs = typeof codecs;

/** The kinds of host operations. */
export type HostOperationKind = keyof Codecs;

/** One step of a host plan, as it is written in a plan file. */
export type HostOperation = { [K in HostOperationKind]: t.TypeOf<Codecs[K]> }[HostOperationKind];

/** The operation of one kind. */
export type HostOperationOf<K extends HostOperationKind> = t.TypeOf<Codecs[K]>;

const isKind = (kind: unknown): kind is HostOperationKind =>
  typeof kind === 'string' && Object.hasOwn(codecs, kind);

/** Reads one operation. `key` says what errors begin with: `operations[3]`. */
export const decodeHostOperation = (
  input: unknown,
  key: () => string,
): Either<readonly KeyError[], HostOperation> => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return left([{ key: key(), message: 'expected a mapping with the keys id and kind' }]);
  }
  const kind: unknown = 'kind' in input ? input.kind : undefined;
  if (!isKind(kind)) {
    const found = kind === undefined ? 'required' : `unknown kind ${shownKind(kind)}`;
    return left([{ key: `${key()}.kind`, message: `${found}; kinds are ${Object.keys(codecs).join(', ')}` }]);
  }
  const codec: t.Decoder<unknown, HostOperation> & { readonly is: t.Is<HostOperation> } = codecs[kind];
  // No codec here changes what it reads: what is right as it is need not be decoded, which takes many times longer.
  const decoded = codec.is(input) ? right(input) : codec.decode(input);
  if (isLeft(decoded)) return left(keyErrors(decoded.left, key()));
  const problem = contentProblem(decoded.right);
  return problem === null ? decoded : left([{ key: `${key()}.content`, message: problem }]);
};

const LONGEST_KIND = 40;

/** Anything may stand there, as deep or as long as it likes. */
const shownKind = (kind: unknown): string =>
  typeof kind === 'string' ? JSON.stringify(kind.slice(0, LONGEST_KIND)) : `of the type ${typeof kind}`;

const contentProblem = (operation: HostOperation): string | null => {
  if (operation.kind !== 'FileWrite') return null;
  const { content, content_base64 } = operation;
  if (content !== undefined && content_base64 !== undefined) {
    return 'content and content_base64 exclude each other';
  }
  return content === undefined && content_base64 === undefined
    ? 'required: content, or content_base64 for bytes that are no text'
    : null;
};

/** Permission bits of a mode text. */
export const modeBits = (mode: string): number => Number.parseInt(mode, 8);
