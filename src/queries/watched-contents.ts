import type { QueryContent, QueryTable } from '../ports/query-engine.js';
import type { StoredStream } from '../tinyfs/persistence.js';
import type { ContentTable } from './content-table.js';

/**
 * The same table for an engine. What ends a content while it is read is told to `onFailure`: the engine only knows that
 * it could not read a table.
 */
export const watchedContents = (
  { contents, ...table }: ContentTable,
  onFailure: (thrown: unknown) => void,
): QueryTable => ({
  ...table,
  contents: contents.map((content) => watchedContent(content, onFailure)),
});

/** One content, in the same way: its file where it has one. */
export const watchedContent = (content: StoredStream, onFailure: (thrown: unknown) => void): QueryContent =>
  content.file === undefined ? linked(content, watched(content, onFailure)) : { file: content.file };

/** The bytes of a content, with the file that may be linked instead, where there is one. */
export const linked = ({ link }: StoredStream, bytes: AsyncIterable<Uint8Array>): QueryContent =>
  link === undefined ? bytes : { link, [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator]() };

async function* watched(
  content: StoredStream,
  onFailure: (thrown: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (thrown) {
    onFailure(thrown);
    throw thrown;
  }
}
