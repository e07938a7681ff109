import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyProblem, keyProblems } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';

/** A symlink at `target` that leads to `source`. Absolute unless `mode` says otherwise. */
export interface LinkCreate {
  /** A text of 1 to 200 characters, distinct within the plan. */
  readonly id: string;
  readonly kind: 'LinkCreate';
  /** Target of the symlink; it must exist, or be made by the plan. */
  readonly source: string;
  /** Path at which the symlink is made. */
  readonly target: string;
  /** Tells whether the symlink says where it leads by an absolute path, or by one from its own directory. */
  readonly mode?: 'relative' | 'absolute';
  /** Tells whether a file or symlink at `target` may be replaced. Default: no. */
  readonly replace?: boolean;
}

/** Removes a symlink, and nothing else. */
export interface LinkDelete {
  readonly id: string;
  readonly kind: 'LinkDelete';
  readonly target: string;
}

/** A directory; one that is there already is left as it is. */
export interface DirCreate {
  readonly id: string;
  readonly kind: 'DirCreate';
  readonly path: string;
  /** Permission bits in octal, `"0755"`. */
  readonly mode?: string;
}

/** Removes an empty directory. */
export interface DirDelete {
  readonly id: string;
  readonly kind: 'DirDelete';
  readonly path: string;
}

/** Removes a directory with everything in it. */
export interface DirRemoveAll {
  readonly id: string;
  readonly kind: 'DirRemoveAll';
  readonly path: string;
}

/** Moves a file or a symlink, also across devices. */
export interface FileMove {
  readonly id: string;
  readonly kind: 'FileMove';
  readonly from: string;
  readonly to: string;
  /** Tells whether a file or symlink at `to` may be replaced. Default: no. */
  readonly replace?: boolean;
}

/** A copy of a file with its mode and modification time, for whatever happens to it afterwards. */
export interface FileBackup {
  readonly id: string;
  readonly kind: 'FileBackup';
  readonly source: string;
  readonly backup: string;
}

/** A copy of a file's content. */
export interface FileCopy {
  readonly id: string;
  readonly kind: 'FileCopy';
  readonly source: string;
  readonly dest: string;
  /** Permission bits in octal, `"0644"`. Default: those of the source. */
  readonly mode?: string;
  /** Tells whether a file or symlink at `dest` may be replaced. Default: no. */
  readonly replace?: boolean;
}

/** A copy of a directory with everything in it. */
export interface DirCopy {
  readonly id: string;
  readonly kind: 'DirCopy';
  readonly source: string;
  readonly dest: string;
}

/** A file with this content: `content` as UTF-8, or the bytes that `content_base64` stands for; one of the two. */
export interface FileWrite {
  readonly id: string;
  readonly kind: 'FileWrite';
  readonly path: string;
  /** Text, written as UTF-8. */
  readonly content?: string;
  /** Bytes in base64. */
  readonly content_base64?: string;
  /** Permission bits in octal, `"0644"`. */
  readonly mode?: string;
  /** Tells whether a file or symlink at `path` may be replaced. Default: no. */
  readonly replace?: boolean;
}

/** Removes a file. */
export interface FileDelete {
  readonly id: string;
  readonly kind: 'FileDelete';
  readonly path: string;
}

/** One step of a host plan, as it is written in a plan file. Paths are absolute. */
export type HostOperation =
  | LinkCreate
  | LinkDelete
  | DirCreate
  | DirDelete
  | DirRemoveAll
  | FileMove
  | FileBackup
  | FileCopy
  | DirCopy
  | FileWrite
  | FileDelete;

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
  'a string in base64',
  isBase64,
  (input, context) => (isBase64(input) ? t.success(input) : t.failure(input, context)),
  (text) => text,
);

const isId = (input: unknown): input is string =>
  typeof input === 'string' && input !== '' && input.length <= 200;

const Id = new t.Type<string, string, unknown>(
  'a string of 1 to 200 characters',
  isId,
  (input, context) => (isId(input) ? t.success(input) : t.failure(input, context)),
  (id) => id,
);

const LinkMode = t.union([t.literal('relative'), t.literal('absolute')]);

type OptionalKeys<A> = { [K in keyof A]-?: undefined extends A[K] ? K : never }[keyof A];

/** Codecs of the keys that the operation has besides `id` and `kind`. */
type Keys<A, K extends keyof A> = [K] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [P in Exclude<K, 'id' | 'kind'>]-?: t.Type<Exclude<A[P], undefined>> };

/** The codec of one kind. A key that the type has and the codec has not does not compile, nor the other way round. */
const codecOf = <K extends HostOperationKind>(
  kind: K,
  required: Keys<HostOperationOf<K>, Exclude<keyof HostOperationOf<K>, OptionalKeys<HostOperationOf<K>>>>,
  optional: Keys<HostOperationOf<K>, OptionalKeys<HostOperationOf<K>>>,
): t.Type<HostOperationOf<K>, unknown> =>
  exactType(kind, { id: Id, kind: t.literal(kind), ...required }, optional) as unknown as t.Type<
    HostOperationOf<K>,
    unknown
  >;

/** One codec for each kind. Paths are strings here; that they are absolute and normalised is the planner's to say. */
const codecs: { readonly [K in HostOperationKind]: t.Type<HostOperationOf<K>, unknown> } = {
  LinkCreate: codecOf(
    'LinkCreate',
    { source: t.string, target: t.string },
    { mode: LinkMode, replace: t.boolean },
  ),
  LinkDelete: codecOf('LinkDelete', { target: t.string }, {}),
  DirCreate: codecOf('DirCreate', { path: t.string }, { mode: Mode }),
  DirDelete: codecOf('DirDelete', { path: t.string }, {}),
  DirRemoveAll: codecOf('DirRemoveAll', { path: t.string }, {}),
  FileMove: codecOf('FileMove', { from: t.string, to: t.string }, { replace: t.boolean }),
  FileBackup: codecOf('FileBackup', { source: t.string, backup: t.string }, {}),
  FileCopy: codecOf('FileCopy', { source: t.string, dest: t.string }, { mode: Mode, replace: t.boolean }),
  DirCopy: codecOf('DirCopy', { source: t.string, dest: t.string }, {}),
  FileWrite: codecOf(
    'FileWrite',
    { path: t.string },
    { content: t.string, content_base64: Base64, mode: Mode, replace: t.boolean },
  ),
  FileDelete: codecOf('FileDelete', { path: t.string }, {}),
};

/** The kinds of host operations. */
export type HostOperationKind = HostOperation['kind'];

/** The operation of one kind. */
export type HostOperationOf<K extends HostOperationKind> = Extract<HostOperation, { readonly kind: K }>;

const isKind = (kind: unknown): kind is HostOperationKind =>
  typeof kind === 'string' && Object.hasOwn(codecs, kind);

/** Fault of an operation, and the way to it in steps from the operation. */
export type OperationProblem = Pick<KeyProblem, 'key' | 'message' | 'steps'>;

/** Reads one operation. `key` says what errors begin with: `operations[3]`. */
export const decodeHostOperation = (
  input: unknown,
  key: () => string,
): Either<readonly OperationProblem[], HostOperation> => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return left([{ key: key(), message: 'expected a mapping with the keys id and kind', steps: [] }]);
  }
  const kind: unknown = 'kind' in input ? input.kind : undefined;
  if (!isKind(kind)) {
    const found = kind === undefined ? 'required' : `unknown kind ${shownKind(kind)}`;
    const message = `${found}; kinds are ${Object.keys(codecs).join(', ')}`;
    return left([{ key: `${key()}.kind`, message, steps: ['kind'] }]);
  }
  const codec: t.Decoder<unknown, HostOperation> & { readonly is: t.Is<HostOperation> } = codecs[kind];
  // No codec here changes what it reads: what is right as it is need not be decoded, which takes many times longer.
  const decoded = codec.is(input) ? right(input) : codec.decode(input);
  if (isLeft(decoded)) return left(keyProblems(decoded.left, key()));
  const problem = contentProblem(decoded.right);
  return problem === null
    ? decoded
    : left([{ key: `${key()}.content`, message: problem, steps: ['content'] }]);
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
    ? 'required: content, or content_base64 for bytes that are not text'
    : null;
};

/** Permission bits of a mode text. */
export const modeBits = (mode: string): number => Number.parseInt(mode, 8);
