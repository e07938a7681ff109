import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { stringify } from 'yaml';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import { type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import { ENVELOPE_KEYS } from '../../domain/plans/envelope.js';
import type { CliError } from '../errors.js';

const isPondPath = (input: unknown): input is PondPath =>
  typeof input === 'string' && !isLeft(parsePondPath(input));

const PathCodec = new t.Type<PondPath, string, unknown>(
  'a path in the pond that begins with /',
  isPondPath,
  (input, context) => {
    const parsed = typeof input === 'string' ? parsePondPath(input) : left(null);
    return isLeft(parsed) ? t.failure(input, context) : t.success(parsed.right);
  },
  t.identity,
);

const List = <A>(item: t.Type<A, unknown, unknown>, name: string) => t.readonlyArray(item, name);

/** An entry is written as it is in the pond: with `config` alone, or with keys of the envelope beside it. */
const NodeCodec = exactType(
  'node',
  { path: PathCodec, factory: t.string },
  Object.fromEntries(ENVELOPE_KEYS.map((key) => [key, t.unknown])),
);

const FileCodec = exactType('file', { path: PathCodec }, { content: t.string, from: t.string });

const ApplyCodec = exactType(
  'what a pond is to have',
  {},
  {
    mkdir: List(PathCodec, 'a list of paths'),
    nodes: List(NodeCodec, 'a list of nodes'),
    files: List(FileCodec, 'a list of files'),
    settings: t.UnknownRecord,
  },
);

/** State that a pond is to have, as a file says it. */
export interface Wanted {
  readonly directories: readonly PondPath[];
  readonly nodes: readonly {
    readonly path: PondPath;
    readonly factory: string;
    readonly config: Uint8Array;
  }[];
  readonly files: readonly {
    readonly path: PondPath;
    /** The content itself, or the host's file that has it, as it is written. */
    readonly source: { readonly content: string } | { readonly from: string };
  }[];
  /** Settings by dotted key, as YAML writes their values on one line. */
  readonly settings: readonly { readonly key: string; readonly value: string }[];
}

/** Reads a file of `pond apply`; everything that is wrong with it is in the error. */
export const readApplyFile = (path: string, bytes: Uint8Array): Either<CliError, Wanted> => {
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) return left({ _tag: 'InvalidYaml', path, problem: parsed.left.problem });
  const decoded = ApplyCodec.decode(parsed.right ?? {});
  if (isLeft(decoded)) return left({ _tag: 'InvalidConfig', path, errors: keyErrors(decoded.left) });
  const { mkdir = [], nodes = [], files = [], settings = {} } = decoded.right;
  const errors = [...namedTwice([...nodes, ...files]), ...withoutSource(files)];
  if (errors.length > 0) return left({ _tag: 'InvalidConfig', path, errors });
  return right({
    directories: mkdir,
    nodes: nodes.map((node) => ({ path: node.path, factory: node.factory, config: configOf(node) })),
    files: files.map(({ path: target, content, from }) => ({
      path: target,
      source: content === undefined ? { from: from ?? '' } : { content },
    })),
    settings: flat(settings, ''),
  });
};

const namedTwice = (entries: readonly { readonly path: string }[]): readonly KeyError[] =>
  entries
    .map(({ path }) => path)
    .filter((path, index, all) => all.indexOf(path) !== index)
    .map((path) => ({ key: 'nodes, files', message: `${path} is named twice` }));

const withoutSource = (
  files: readonly { readonly path: string; readonly content?: string; readonly from?: string }[],
): readonly KeyError[] =>
  files.flatMap(({ path, content, from }, index) =>
    (content === undefined) === (from === undefined)
      ? [{ key: `files[${index}]`, message: `${path} needs either content or from` }]
      : [],
  );

/** The bytes of a node that is new or different. */
const configOf = (node: Readonly<Record<string, unknown>>): Uint8Array => {
  const { path: _, factory, ...envelope } = node;
  const { config = {}, ...others } = envelope;
  return Buffer.from(stringify(Object.keys(others).length === 0 ? config : { factory, ...others, config }));
};

const flat = (
  settings: Readonly<Record<string, unknown>>,
  prefix: string,
): readonly { readonly key: string; readonly value: string }[] =>
  Object.entries(settings).flatMap(([name, value]) =>
    t.UnknownRecord.is(value) && !Array.isArray(value)
      ? flat(value, `${prefix}${name}.`)
      : [{ key: `${prefix}${name}`, value: stringify(value, { collectionStyle: 'flow' }).trim() }],
  );
