import type { DataFile } from '../log/log-entry.js';
import { isOwnDataFile } from '../table-layout.js';

/** Number of files of one tier that are merged into one. */
const TIER_SIZE = 10;
/** No merge makes a file of more bytes. */
const LARGEST = 32 * 1024 * 1024;
/** A file of half of that cannot find many partners: it stays as it is. */
const SETTLED = LARGEST / 2;
/** No merge makes a file of more rows: its footer, which says where each directory is, is read as a whole. */
const MOST_ROWS = 65_536;

/**
 * Selects the files to merge with each other, group by group. A file's tier is the number of digits of its rows and of
 * its bytes: ten files of a tier make one of the next, so that a row is rewritten once per tier and the number of
 * files grows with the logarithm of the commits.
 */
export const selectMerges = (files: Iterable<DataFile>): readonly (readonly DataFile[])[] => {
  const tiers = new Map<number, DataFile[]>();
  for (const file of files) {
    if (file.size > SETTLED || file.bounds.rows > MOST_ROWS / 2 || file.bounds.rows === 0) continue;
    const tier = tierOf(file);
    tiers.set(tier, [...(tiers.get(tier) ?? []), file]);
  }
  return [...tiers.values()]
    .filter((tier) => tier.length >= TIER_SIZE)
    .flatMap(groupsWithin)
    .filter((group) => group.length > 1);
};

/**
 * Files that another engine wrote, each to be written again in this program's own way: with digests, compressed as its
 * own files are. Larger ones stay as they are.
 */
export const selectForeign = (files: Iterable<DataFile>): readonly (readonly DataFile[])[] =>
  [...files].filter(({ path, size }) => size <= LARGEST && !isOwnDataFile(path)).map((file) => [file]);

const tierOf = ({ size, bounds }: DataFile): number =>
  Math.floor(Math.max(Math.log10(bounds.rows), Math.log10(Math.max(size, 1) / 8192), 0));

/** Groups of as many files as stay below the largest size and number of rows; one that is above them is alone. */
export const groupsWithin = (tier: readonly DataFile[]): readonly (readonly DataFile[])[] => {
  const groups: DataFile[][] = [];
  let group: DataFile[] = [];
  let [size, rows] = [0, 0];
  for (const file of tier) {
    if (group.length > 0 && (size + file.size > LARGEST || rows + file.bounds.rows > MOST_ROWS)) {
      groups.push(group);
      group = [];
      [size, rows] = [0, 0];
    }
    group.push(file);
    size += file.size;
    rows += file.bounds.rows;
  }
  return group.length === 0 ? groups : [...groups, group];
};
