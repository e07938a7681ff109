import type { DataFile } from '../log/log-entry.js';
import type { RowFiles } from './row-files.js';

/** Digests of the contents that rows of data files have as blobs. */
export const blobsIn = async (
  { select }: Pick<RowFiles, 'select'>,
  dataFiles: readonly DataFile[],
): Promise<ReadonlySet<string>> => {
  const digests = new Set<string>();
  for (const file of dataFiles) {
    for (const { storageFormat, sha256 } of await select(file, {})) {
      if (storageFormat === 'external' && sha256 !== null) digests.add(sha256);
    }
  }
  return digests;
};
