import { createHash } from 'node:crypto';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { PersistenceError } from '../../tinyfs/persistence.js';
import { asPersistenceError, corrupt, isMissing } from '../failure.js';

/** The bytes of an inline content, checked before the first of them is given out. */
export async function* inlineContent(
  row: NodeRow,
  load: () => Promise<Uint8Array | null>,
): AsyncGenerator<Uint8Array> {
  const bytes = await inlineBytes(row, load);
  if (bytes.length > 0) yield bytes;
}

/** The same all at once. */
export const inlineBytes = async (
  row: NodeRow,
  load: () => Promise<Uint8Array | null>,
): Promise<Uint8Array> => {
  const bytes = await persistenceFailures(load);
  const where = nameOf(row);
  if (bytes === null) throw corrupt(where, 'the row has no content');
  if (bytes.length !== row.size) throw corrupt(where, `${row.size} bytes expected, ${bytes.length} found`);
  if (sha256(bytes) !== row.sha256) throw corrupt(where, 'the content does not have its digest');
  return bytes;
};

/**
 * The bytes of a blob. What is wrong with it is known at its end at the latest, and thrown as `CorruptData`. The last
 * chunk is held back until then: nobody is given the whole of a content that is not the one that was written.
 */
export async function* blobContent(
  files: FileSystem,
  path: string,
  row: NodeRow,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  let held: Uint8Array | null = null;
  try {
    for await (const chunk of files.streamFile(path)) {
      size += chunk.length;
      if (size > row.size) break;
      hash.update(chunk);
      if (held !== null) yield held;
      held = chunk;
    }
  } catch (error) {
    if (isMissing(error)) throw corrupt(path, 'missing blob');
    throw asPersistenceError(error) ?? error;
  }
  if (size !== row.size) {
    throw corrupt(path, `${row.size} bytes expected, ${size > row.size ? 'more' : size} found`);
  }
  if (hash.digest('hex') !== row.sha256) throw corrupt(path, 'the content does not have its digest');
  if (held !== null) yield held;
}

/** The error of reading a content that is forgotten. */
export const forgottenContent = ({ name, version, forgotten }: NodeRow): PersistenceError => ({
  _tag: 'ContentForgotten',
  path: name,
  version,
  since: forgotten?.since ?? 0,
  before: forgotten?.before ?? 0,
});

/** A row that has no content of its own, or none any more. */
export async function* noContent(row: NodeRow): AsyncGenerator<Uint8Array> {
  if (row.forgotten !== undefined) yield Promise.reject(forgottenContent(row));
  yield Promise.reject(corrupt(nameOf(row), `a row of storage format ${row.storageFormat} has no content`));
}

const persistenceFailures = async <A>(load: () => Promise<A>): Promise<A> => {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error)) throw corrupt(error.path, 'missing data file');
    throw asPersistenceError(error) ?? error;
  }
};

const nameOf = (row: NodeRow): string => `${row.partId}/${row.nodeId}@${row.version}`;
