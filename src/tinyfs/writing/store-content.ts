import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import type { TinyFsError } from '../errors.js';
import type { ByteStream, StoredContent } from '../persistence.js';
import { errorThrownBy } from '../thrown-error.js';
import type { WritableTree } from '../tree/writable-tree.js';

/**
 * Takes a content in. What the caller's stream throws is told apart from what the persistence cannot do: a stream that
 * a factory makes fails with the factory's own error, and a defect stays one. `path` is for errors.
 */
export const storeContent =
  (
    tree: WritableTree,
    path: string,
    content: Uint8Array | ByteStream,
  ): TaskEither<TinyFsError, StoredContent> =>
  async () => {
    if (!isContent(content)) return left(notBytes(content));
    if (content instanceof Uint8Array) return tree.store(content, 'by-size')();
    const thrown: unknown[] = [];
    const stored = await tree.store(noting(content, path, thrown), 'by-size')();
    return isLeft(stored) && thrown.length > 0
      ? { _tag: 'Left', left: errorThrownBy(thrown[0], path) }
      : stored;
  };

/** A string would be stored by its characters and not be what its digest says. */
const isContent = (content: unknown): content is Uint8Array | ByteStream =>
  content instanceof Uint8Array ||
  (typeof content === 'object' && content !== null && Symbol.asyncIterator in content);

const notBytes = (found: unknown): InvalidArgument =>
  invalidArgument(
    'write',
    'content',
    `expected a Uint8Array or an async iterable of them, got ${kindOf(found)}${typeof found === 'string' ? '; Buffer.from(text) makes bytes of it' : ''}`,
  );

/** The same stream; what it throws is noted, and reaches the persistence as an error that it may know. */
const noting = (content: ByteStream, path: string, thrown: unknown[]): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    try {
      for await (const chunk of content) {
        if (!(chunk instanceof Uint8Array)) throw notBytes(chunk);
        yield chunk;
      }
    } catch (error) {
      thrown.push(error);
      throw { _tag: 'StorageFailed', path, code: 'EIO', call: 'read' };
    }
  },
});
