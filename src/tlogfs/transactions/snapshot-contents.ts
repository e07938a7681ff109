import { isRight } from 'fp-ts/lib/Either.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import {
  blobContent,
  forgottenContent,
  inlineBytes,
  inlineContent,
  noContent,
} from '../contents/content-stream.js';
import { isMissing } from '../failure.js';
import type { SnapshotRows } from './snapshot-rows.js';
import type { SnapshotSource } from './snapshot-source.js';

/**
 * The contents of a snapshot's rows. One that is gone since its row was read may have been merged into another file, or
 * forgotten: the newest version tells.
 */
export const snapshotContents = (
  { files, layout, rowFiles }: SnapshotSource,
  rows: SnapshotRows,
): Required<Pick<PersistenceView, 'open' | 'inlineOf' | 'inlineOfEach' | 'fileOf'>> => {
  const loadInline = async (row: NodeRow): Promise<Uint8Array | null> => {
    try {
      const bytes = await rowFiles.contentOf(row);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      // Merged away since the row was read: the row is in another file by now.
      if (!isMissing(error)) throw error;
      rows.renew(row.partId);
    }
    const stored = await rows.now(row);
    if (stored?.forgotten !== undefined) throw forgottenContent(stored);
    return stored === undefined ? null : ((await rowFiles.contentOf(stored)) ?? null);
  };

  async function* blobOf(row: NodeRow, digest: string): AsyncGenerator<Uint8Array> {
    try {
      yield* blobContent(files, layout.blob(digest), row);
    } catch (error) {
      if (!rows.renew(row.partId)) throw error;
      const stored = await rows.now(row);
      throw stored?.forgotten === undefined ? error : forgottenContent(stored);
    }
  }

  return {
    inlineOf: (row) => inlineBytes(row, () => loadInline(row)),
    inlineOfEach: (rows) => rowFiles.contentsOf(rows),
    fileOf: (row) => {
      if (row.storageFormat !== 'external' || row.sha256 === null) return null;
      const path = layout.blob(row.sha256);
      const found = files.stat(path)();
      return isRight(found) && found.right.kind === 'file' && found.right.size === row.size ? path : null;
    },
    open: (row) => {
      switch (row.storageFormat) {
        case 'inline':
          return inlineContent(row, () => loadInline(row));
        case 'external':
          return row.sha256 === null ? noContent(row) : blobOf(row, row.sha256);
        case 'forgotten':
        case 'none':
          return noContent(row);
      }
    },
  };
};
