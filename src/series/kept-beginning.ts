import { isLeft } from 'fp-ts/lib/Either.js';
import type { SeriesContract } from '../domain/series/series-contract.js';
import { columnNamed } from '../domain/series/series-fit.js';
import type { FileSystem } from '../ports/file-system.js';
import type { StoredStream } from '../tinyfs/persistence.js';
import type { SeriesToRead } from '../tinyfs/series-format.js';
import type { MergedFiles } from './merged-files.js';
import { columnsOf } from './parquet-columns.js';
import { openParquet } from './parquet-file.js';

/** Versions that may have been appended since a series was merged last. */
const MOST_NEW = 16;

/**
 * The same series, whose first versions are one: what was merged of them before and is kept. So one more version costs what it
 * takes to read that and the new one. Null where nothing is kept, or where reading the versions one by one may show
 * something else: where each is read in its own way (zones, columns of any type), or a later one has widened a column,
 * since values that are widened twice need not be those that are widened once.
 */
export const withKeptBeginning = async (
  files: FileSystem,
  kept: MergedFiles,
  series: SeriesToRead,
  keyOf: (series: SeriesToRead) => string,
): Promise<SeriesToRead | null> => {
  const { contract, parts } = series;
  if (contract.timezone !== null || contract.schema === 'any' || contract.columns === null) return null;
  for (let count = parts.length - 1; count >= Math.max(2, parts.length - MOST_NEW); count -= 1) {
    const path = await kept.find(keyOf({ ...series, parts: parts.slice(0, count) }));
    const [first] = parts;
    if (path === null || first === undefined) continue;
    const size = await sizeWhereSame(files, path, contract);
    if (size === null) return null;
    const content: StoredStream = {
      file: path,
      [Symbol.asyncIterator]: () => files.streamFile(path)[Symbol.asyncIterator](),
    };
    return { ...series, parts: [{ ...first, size, content }, ...parts.slice(count)] };
  }
  return null;
};

/** The size of a file of which each column has the type that the contract says; null: one has not. */
const sizeWhereSame = async (
  files: FileSystem,
  path: string,
  { columns }: SeriesContract,
): Promise<number | null> => {
  const stat = files.stat(path)();
  if (isLeft(stat)) return null;
  const { size } = stat.right;
  const read = (offset: number, length: number) => {
    const found = files.readRange(path, offset, length)();
    return isLeft(found)
      ? ({ _tag: 'Left', left: { _tag: 'CorruptData', path, problem: found.left.code } } as const)
      : found;
  };
  const opened = await openParquet({ size, read }, path)();
  if (isLeft(opened)) return null;
  return columnsOf(opened.right.metadata).every(
    ({ name, type }) => columnNamed(columns ?? [], name)?.type === type,
  )
    ? size
    : null;
};
