import { type Either, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import {
  type ByteStream,
  type PersistenceError,
  type PersistenceView,
  persistenceErrorOf,
  type StoredContent,
} from '../../tinyfs/persistence.js';
import type { ContentStaging } from '../contents/content-staging.js';
import { blobContent, inlineContent } from '../contents/content-stream.js';
import type { WriteBase } from './write-base.js';
import type { WriteBuffer } from './write-buffer.js';

/** Contents as a write transaction sees them: its own, held in memory or staged, and before them those of its base. */
export interface OwnContents {
  readonly view: PersistenceView;
  readonly buffer: WriteBuffer;
  readonly staging: ContentStaging;
  readonly store: Pick<WriteBase['store'], 'files' | 'layout'>;
}

export const openContent = (
  { view, buffer, staging, store: { files, layout } }: OwnContents,
  row: NodeRow,
): ByteStream => {
  const content = buffer.find(row)?.content ?? null;
  if (content === null) return view.open(row);
  const bytes = content.storageFormat === 'inline' ? content.bytes : staging.heldBlob(content.sha256);
  return content.storageFormat === 'inline' || bytes !== null
    ? // A copy, because whoever is handed the bytes may change them.
      inlineContent(row, async () => bytes && Uint8Array.from(bytes))
    : blobContent(files, staging.stagedBlob(content.sha256) ?? layout.blob(content.sha256), row);
};

/** Bytes that stand in rows themselves, in the rows' order; the base is asked once, for all of its own. */
export const inlineOfEach = async (
  { view, buffer }: OwnContents,
  rows: readonly NodeRow[],
): Promise<readonly (Uint8Array | null)[]> => {
  const own = rows.map((row) => buffer.find(row)?.content ?? null);
  const others = rows.filter((_, at) => own[at] === null);
  const read = others.length === 0 ? [] : ((await view.inlineOfEach?.(others)) ?? []);
  let next = 0;
  return own.map((content) => {
    if (content !== null) return content.bytes;
    next += 1;
    return read[next - 1] ?? null;
  });
};

/** The file on the host that a content lies in; null: it lies in none. */
export const fileOfContent = ({ view, buffer, staging }: OwnContents, row: NodeRow): string | null => {
  const content = buffer.find(row)?.content ?? null;
  if (content === null) return view.fileOf?.(row) ?? null;
  if (content.storageFormat === 'inline') return null;
  const { sha256 } = content;
  return staging.stagedBlob(sha256) ?? staging.fileOfHeld(sha256) ?? view.fileOf?.(row) ?? null;
};

/** A part of a content that was stored, and need not be in a row. */
export const readStored = (
  { staging, store: { files, layout } }: OwnContents,
  { storageFormat, sha256, bytes }: StoredContent,
  { offset, length }: { readonly offset: number; readonly length: number },
): Either<PersistenceError, Uint8Array> => {
  const known = storageFormat === 'inline' ? bytes : staging.heldBlob(sha256);
  return known !== null
    ? right(known.subarray(offset, offset + length))
    : pipe(
        files.readRange(staging.stagedBlob(sha256) ?? layout.blob(sha256), offset, length)(),
        mapLeft(persistenceErrorOf),
      );
};
