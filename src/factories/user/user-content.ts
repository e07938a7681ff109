import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { VirtualEntry } from '../../tinyfs/dynamic-nodes.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import { type Callable, isCallable, settle } from './user-answer.js';

/**
 * Contents that a user's `createFile` may return: a string, bytes, or anything that iterates over strings and
 * bytes, at once or later. Null for anything else.
 */
export const contentOf = (value: unknown): ByteStream | null => {
  if (typeof value === 'string' || value instanceof Uint8Array) return chunks([value]);
  return isIterable(value) ? chunks(value) : null;
};

const chunks = (pieces: Iterable<unknown> | AsyncIterable<unknown>): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    for await (const piece of pieces) {
      if (piece instanceof Uint8Array) yield piece;
      else if (typeof piece === 'string') yield new TextEncoder().encode(piece);
      else throw new TypeError(`content must be strings or Uint8Arrays, got ${typeof piece}`);
    }
  },
});

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);

/**
 * Entries that a user's `createDirectory` may return: a list of `{ name, content }` and `{ name, entries }`, where
 * `content` is as in {@link contentOf} or a function that makes it, and `entries` is such a list again. Entries as
 * built-in factories make them (`{ kind, name, open | list }`) will do, too. Left: what is wrong, with whom.
 */
export const entriesOf = (value: unknown): Either<string, readonly VirtualEntry[]> => {
  if (!Array.isArray(value)) return left('createDirectory must return a list of entries');
  const entries = new Map<string, VirtualEntry>();
  for (const item of value) {
    const entry = entryOf(item);
    if (isLeft(entry)) return entry;
    const { name } = entry.right;
    if (entries.has(name)) return left(`two entries are named ${JSON.stringify(name)}`);
    entries.set(name, entry.right);
  }
  return right([...entries.values()]);
};

const isEntryName = (name: unknown): name is string =>
  typeof name === 'string' &&
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  !name.includes('/') &&
  !name.includes('\0') &&
  Buffer.byteLength(name) <= 255;

const entryOf = (item: unknown): Either<string, VirtualEntry> => {
  const fields: object = typeof item === 'object' && item !== null ? item : {};
  const field = (key: string): unknown => Reflect.get(fields, key);
  const name = field('name');
  if (!isEntryName(name)) return left('every entry needs a name without slashes, of at most 255 bytes');

  const list = field('list');
  if (isCallable(list)) return right({ kind: 'directory', name, list: () => () => listed(list) });
  if (field('entries') !== undefined) {
    const inner = entriesOf(field('entries'));
    return isLeft(inner) ? inner : right({ kind: 'directory', name, list: () => TE.right(inner.right) });
  }
  const make = field('open') ?? field('content');
  if (isCallable(make)) return right({ kind: 'file', name, open: () => lazily(make), size: null });
  const content = contentOf(make);
  return content === null
    ? left(`the entry ${JSON.stringify(name)} needs content or entries`)
    : right({ kind: 'file', name, open: () => content, size: sizeOf(make) });
};

const sizeOf = (content: unknown): number | null => {
  if (typeof content === 'string') return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.byteLength : null;
};

/** Content that is made when it is read. What is thrown here is caught by the registry, whoever reads. */
const lazily = (make: Callable): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    const made = await settle(make);
    if (isLeft(made)) throw made.left;
    const content = contentOf(made.right);
    if (content === null) throw new TypeError('content must be a string, bytes or an iterable of them');
    yield* content;
  },
});

const listed = async (list: Callable): Promise<Either<never, readonly VirtualEntry[]>> => {
  const answer = await settle(list);
  if (isLeft(answer)) throw answer.left;
  const entries = entriesOf(answer.right);
  if (isLeft(entries)) throw new TypeError(entries.left);
  return entries;
};
