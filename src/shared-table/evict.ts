import { isLeft } from 'fp-ts/lib/Either.js';
import { tableLayout } from '../tlogfs/table-layout.js';
import type { Bucket } from './bucket.js';

/** Copies that were made within so many milliseconds may be about to be read. */
const IN_USE = 600_000;

/** Milliseconds after which processes that each add little look through the directory, too. */
const LOOK_AFTER = 600_000;

/** The file whose time tells when the directory was looked through. */
const LOOKED = '_looked';

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/**
 * Removes the oldest copies of data files and blobs, until what is left takes less than four fifths of so many bytes. What somebody still
 * wants of it is fetched again. Whatever goes wrong with it is left to the next time.
 */
export const evictCopies = (
  { files, dataDir, now }: Pick<Bucket, 'files' | 'dataDir' | 'now'>,
  most: number,
): void => {
  const layout = tableLayout(dataDir);
  const kept: Kept[] = [];
  const look = (directory: string, isOurs: (name: string) => boolean): void => {
    const names = files.readDirectory(directory)();
    if (isLeft(names)) return;
    for (const name of names.right) {
      if (!isOurs(name)) continue;
      const path = `${directory}/${name}`;
      const found = files.stat(path)();
      if (!isLeft(found) && found.right.kind === 'file') {
        kept.push({ path, size: found.right.size, modifiedAt: found.right.modifiedAt });
      }
    }
  };
  look(layout.dataDir, (name) => name.startsWith('part-'));
  const folders = files.readDirectory(layout.blobRoot)();
  for (const folder of isLeft(folders) ? [] : folders.right) {
    if (/^[0-9a-f]{2}$/.test(folder))
      look(`${layout.blobRoot}/${folder}`, (name) => /^[0-9a-f]{64}$/.test(name));
  }
  let bytes = kept.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= most) return;
  for (const { path, size, modifiedAt } of kept.sort((a, b) => a.modifiedAt - b.modifiedAt)) {
    if (bytes <= most * 0.8 || modifiedAt / 1000 > now() - IN_USE) return;
    if (!isLeft(files.remove(path)())) bytes -= size;
  }
};

/**
 * Returns what is told of the bytes that this process adds, and evicts whenever they are a sixteenth of what the directory may
 * take; also with the first, where nobody has for ten minutes.
 */
export const evictNowAndThen = (
  bucket: Pick<Bucket, 'files' | 'dataDir' | 'now' | 'ids'>,
  most: number,
): ((bytes: number) => void) => {
  const { files, dataDir, now, ids } = bucket;
  let added: number | null = null;
  const isDue = (): boolean => {
    const looked = files.stat(`${dataDir}/${LOOKED}`)();
    return isLeft(looked) || Math.abs(now() - looked.right.modifiedAt / 1000) > LOOK_AFTER;
  };
  return (bytes) => {
    const before = added ?? (isDue() ? most : 0);
    added = before + bytes;
    if (added < most / 16) return;
    added = 0;
    evictCopies(bucket, most);
    const staged = tableLayout(dataDir).staged(`${ids.uuidV7()}-1.blob`);
    if (!isLeft(files.writeNewFile(staged, new Uint8Array())()))
      files.rename(staged, `${dataDir}/${LOOKED}`)();
  };
};
