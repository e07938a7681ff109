import type { Entry, Version } from '../../tinyfs/tinyfs.js';
import { byteSize, counted, localTime } from '../words/print-values.js';
import { columnWidths, renderColumns } from '../words/render-columns.js';

/**
 * The long listing: type, size, version, transaction, time, path, and where a symlink leads or who makes a node. Columns
 * are at least as wide as those of the part before, whose `widths` are given back.
 */
export const renderEntries = (
  entries: readonly Entry[],
  widths: readonly number[],
): { readonly lines: readonly string[]; readonly widths: readonly number[] } => {
  const rows = entries.map((entry) => [
    entry.entryType,
    entry.size === null ? '-' : String(entry.size),
    entry.version === 0 ? '-' : `v${entry.version}`,
    entry.txnSeq === 0 ? '-' : `#${entry.txnSeq}`,
    timeOf(entry),
    entry.path,
    entry.linkTarget === null ? (entry.factory ?? '') : `-> ${entry.linkTarget}`,
  ]);
  const widest = columnWidths(rows).map((width, column) => Math.max(width, widths[column] ?? 0));
  return { lines: renderColumns(rows, [1, 2, 3], widest), widths: widest.length === 0 ? widths : widest };
};

/** One entry with a name before each value. */
export const renderEntry = (entry: Entry): readonly string[] =>
  renderColumns(
    [
      ['path', entry.path],
      ['type', entry.entryType],
      ['size', entry.size === null ? '' : sizeInWords(entry.size)],
      ['version', entry.version === 0 ? '' : String(entry.version)],
      ['transaction', entry.txnSeq === 0 ? '' : String(entry.txnSeq)],
      ['time', entry.timestamp === 0 ? '' : localTime(entry.timestamp)],
      ['sha256', entry.sha256 ?? ''],
      ['factory', entry.factory ?? ''],
      ['target', entry.linkTarget ?? ''],
      ['node', entry.nodeId ?? ''],
    ].filter(([, value]) => value !== ''),
  );

export const renderVersions = (versions: readonly Version[]): readonly string[] => {
  const rows = versions.map((version) => [
    `v${version.version}`,
    `#${version.txnSeq}`,
    localTime(version.timestamp),
    String(version.size),
    version.sha256 ?? '-',
    version.minEventTime === null || version.maxEventTime === null
      ? ''
      : `${localTime(version.minEventTime)} .. ${localTime(version.maxEventTime)}`,
    version.forgotten === undefined ? '' : `forgotten since ${localTime(version.forgotten.since)}`,
  ]);
  return renderColumns(rows, [0, 1, 3]);
};

const sizeInWords = (size: number): string =>
  size < 1024 ? counted(size, 'byte') : `${byteSize(size)} (${size} bytes)`;

const timeOf = ({ timestamp }: Entry): string => (timestamp === 0 ? '-' : localTime(timestamp));
