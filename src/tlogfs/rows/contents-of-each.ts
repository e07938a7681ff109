import type { BoundedCache } from '../../domain/bounded-cache.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { DataFile } from '../log/log-entry.js';
import type { OpenedFiles } from './opened-files.js';
import { decodeContents } from './row-decoding.js';
import type { Place } from './stored-row.js';

/** Bytes of contents that are read at once. */
const MOST_AT_ONCE = 1024 * 1024;
/** A larger content is not kept. */
const SMALL_CONTENT = 64 * 1024;

type Wanted = Pick<NodeRow, 'size'> & { readonly digest: string; readonly place: Place };

/**
 * Contents of many rows, checked, out of what is kept and else out of their files: neighbours together, and what is equal once. Null where
 * something is wrong with a content, or its file: who asks for it by itself is told what.
 */
export const contentsOfEach = async (
  open: OpenedFiles['open'],
  kept: BoundedCache<Uint8Array>,
  rows: readonly NodeRow[],
  placeOf: (row: NodeRow) => Place | undefined,
): Promise<readonly (Uint8Array | null)[]> => {
  const found = new Map<string, Uint8Array>();
  const wanted = new Map<string, Wanted>();
  for (const row of rows) {
    const { sha256: digest, size } = row;
    if (digest === null || found.has(digest) || wanted.has(digest)) continue;
    const known = kept.get(digest);
    const place = known === undefined ? placeOf(row) : undefined;
    if (known !== undefined) found.set(digest, known);
    else if (place !== undefined) wanted.set(digest, { size, digest, place });
  }
  for (const run of runsOf([...wanted.values()])) {
    for (const [digest, bytes] of await checkedContents(open, run)) {
      found.set(digest, bytes);
      if (bytes.length <= SMALL_CONTENT) kept.put(digest, bytes.slice(), bytes.length);
    }
  }
  const given = copiesOf(found);
  return rows.map(({ sha256: digest, size }) => {
    const bytes = digest === null ? undefined : given.get(digest);
    return bytes === undefined || bytes.length !== size ? null : bytes;
  });
};

/** The same in memory of their own: what is kept stays what it is, whatever becomes of what is handed out, and nothing else of a file is kept with it. */
const copiesOf = (contents: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> => {
  let size = 0;
  for (const { length } of contents.values()) size += length;
  const memory = new ArrayBuffer(size);
  const copies = new Map<string, Uint8Array>();
  let used = 0;
  for (const [digest, bytes] of contents) {
    const copy = new Uint8Array(memory, used, bytes.length);
    copy.set(bytes);
    used += bytes.length;
    copies.set(digest, copy);
  }
  return copies;
};

/** Rows of one file that stand one behind another. */
const runsOf = (wanted: readonly Wanted[]): readonly (readonly Wanted[])[] => {
  const byFile = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const { path } = one.place.file;
    const others = byFile.get(path);
    if (others === undefined) byFile.set(path, [one]);
    else others.push(one);
  }
  const runs: Wanted[][] = [];
  for (const ofFile of byFile.values()) {
    let bytes = 0;
    let next = -1;
    for (const one of ofFile.sort((a, b) => a.place.index - b.place.index)) {
      bytes += one.size;
      const run = next === one.place.index && bytes <= MOST_AT_ONCE ? runs.at(-1) : undefined;
      if (run === undefined) {
        runs.push([one]);
        bytes = one.size;
      } else run.push(one);
      next = one.place.index + 1;
    }
  }
  return runs;
};

/** The contents of a run that are those that were written, by digest. */
const checkedContents = async (
  open: OpenedFiles['open'],
  run: readonly Wanted[],
): Promise<ReadonlyMap<string, Uint8Array>> => {
  const checked = new Map<string, Uint8Array>();
  const [first] = run;
  if (first === undefined) return checked;
  const stored = await storedContents(open, first.place.file, first.place.index, run.length);
  run.forEach(({ digest, size }, at) => {
    const bytes = stored?.[at] ?? null;
    if (bytes !== null && bytes.length === size && sha256(bytes) === digest) checked.set(digest, bytes);
  });
  return checked;
};

const storedContents = async (
  open: OpenedFiles['open'],
  file: DataFile,
  start: number,
  count: number,
): Promise<readonly (Uint8Array | null)[] | null> => {
  try {
    const parquet = await open(file);
    const columns = await parquet.read({ start, end: start + count }, ['content']);
    return decodeContents(parquet.path, columns, count);
  } catch {
    // It is read once more by whoever asks for one of them.
    return null;
  }
};
