import { createHash } from 'node:crypto';
import { sha256 } from '../../domain/documents/sha256.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import { isCorrupt, isUnreadable, run } from '../failure.js';
import { DIGEST_TAG } from '../log/log-entry.js';
import { columnsOf } from '../parquet/column-reading.js';
import { openParquet, readRecords } from '../parquet/parquet-reading.js';
import { filterAt, filterProblem, isFilter } from '../rows/name-filter.js';
import { ROW_COLUMNS } from '../rows/op-log-columns.js';
import { decodeContents, decodeRows } from '../rows/row-decoding.js';
import type { AddedFile } from './log-replay.js';
import type { TableFinding } from './table-finding.js';
import type { TableSource } from './table-source.js';

/** A row that was read, and what is wrong with it by itself. */
export interface CheckedRow {
  readonly row: NodeRow;
  /** Fault of the content inside the row; null where there is none, or it was not looked at. */
  readonly contentProblem: string | null;
  readonly isForeign: boolean;
  /** The transaction that wrote its file; null for a merged file. */
  readonly fileTxnSeq: number | null;
}

export type CheckedDataFile =
  | {
      readonly _tag: 'Read';
      readonly rows: readonly CheckedRow[];
      readonly findings: readonly TableFinding[];
    }
  /** Fault that makes what is in it unknown. */
  | { readonly _tag: 'Lost'; readonly finding: TableFinding };

export interface ContentOptions {
  /** Structure only: no content is hashed. */
  readonly quick: boolean;
  readonly onBytes: (count: number) => void;
}

/**
 * One Parquet file of the table: its bytes against the digest in the log, its rows, the contents inside them, and its
 * statistics. Row group by row group, so that what is in memory stays small. `FileSystemError` `ENOENT` is thrown.
 */
export const checkDataFile = async (
  { files, layout, named }: TableSource,
  added: AddedFile,
  pondId: string | null,
  { quick, onBytes }: ContentOptions,
): Promise<CheckedDataFile> => {
  const path = layout.dataFile(added.path);
  const file = named(path);
  const damaged = (problem: string): CheckedDataFile => ({
    _tag: 'Lost',
    finding: { _tag: 'DataFileDamaged', file, problem },
  });
  const { size } = run(files.stat(path));
  if (size !== added.size) return damaged(`${added.size} bytes expected, ${size} found`);
  const digest = added.tags?.[DIGEST_TAG];
  if (!quick && digest != null && (await digestOf(files, path, onBytes)) !== digest) {
    return damaged('it does not have the digest that the log says');
  }
  try {
    const parquet = await openParquet(files, path, added.size);
    const rows: CheckedRow[] = [];
    let start = 0;
    for (const { num_rows: count } of parquet.metadata.row_groups) {
      const end = start + Number(count);
      const names = ['pond_id', ...ROW_COLUMNS, ...(quick ? [] : ['content'])];
      // The general parser, not the one that everybody else reads these files by: it says whether others can, too.
      const columns = columnsOf(await readRecords(parquet, { start, end }, names), names);
      const contents = quick ? [] : decodeContents(path, columns, end - start);
      decodeRows({ path, columns, count: end - start, origin: null }).forEach((row, index) => {
        const content = quick || row.storageFormat !== 'inline' ? undefined : (contents[index] ?? null);
        rows.push({
          row,
          contentProblem: content === undefined ? null : contentProblem(row, content),
          isForeign: pondId !== null && columns.pond_id?.[index] !== pondId,
          fileTxnSeq: added.txnSeq,
        });
      });
      start = end;
    }
    const problem = statisticsProblem(added, rows) ?? namesProblem(files, path, added, rows);
    return {
      _tag: 'Read',
      rows,
      findings: problem === null ? [] : [{ _tag: 'StatisticsWrong', file, problem }],
    };
  } catch (error) {
    if (isCorrupt(error)) return damaged(error.problem);
    if (isUnreadable(error)) {
      return { _tag: 'Lost', finding: { _tag: 'DataFileNotSupported', file, problem: error.problem } };
    }
    throw error;
  }
};

/** SHA-256 of a file, read as a stream. */
export const digestOf = async (
  files: FileSystem,
  path: string,
  onBytes: (count: number) => void,
): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of files.streamFile(path)) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest('hex');
};

const contentProblem = (row: NodeRow, content: Uint8Array | null): string | null => {
  if (content === null) return 'the row has no content';
  if (content.length !== row.size) return `${row.size} bytes expected, ${content.length} found`;
  return row.sha256 === null || sha256(content) === row.sha256 ? null : 'it does not have its digest';
};

/** Names that the file itself leaves out, where it says something of its names: they are hidden likewise. */
const namesProblem = (
  files: TableSource['files'],
  path: string,
  { size }: AddedFile,
  rows: readonly CheckedRow[],
): string | null => {
  const place = filterAt(rows.length);
  if (place === null || place.start + place.size > size) return null;
  const bytes = run(files.readRange(path, place.start, place.size));
  return isFilter(bytes)
    ? filterProblem(
        bytes,
        rows.map(({ row }) => row),
      )
    : null;
};

/** Statistics that exclude a row hide it from every reader. */
const statisticsProblem = ({ bounds }: AddedFile, rows: readonly CheckedRow[]): string | null => {
  const { rows: count, min, max } = bounds;
  if (count > 0 && count !== rows.length) return `${count} rows, and it has ${rows.length}`;
  for (const { row } of rows) {
    if (min.part_id !== undefined && compareUtf8(row.partId, min.part_id) < 0) return outside('part_id');
    if (max.part_id !== undefined && compareUtf8(row.partId, max.part_id) > 0) return outside('part_id');
    if (min.node_id !== undefined && compareUtf8(row.nodeId, min.node_id) < 0) return outside('node_id');
    if (max.node_id !== undefined && compareUtf8(row.nodeId, max.node_id) > 0) return outside('node_id');
    if (row.txnSeq < (min.txn_seq ?? 0)) return outside('txn_seq');
    if (row.txnSeq > (max.txn_seq ?? Number.POSITIVE_INFINITY)) return outside('txn_seq');
    if (row.version < (min.version ?? 0)) return outside('version');
    if (row.version > (max.version ?? Number.POSITIVE_INFINITY)) return outside('version');
  }
  return null;
};

const outside = (column: string): string => `a row's ${column} is outside of their bounds`;
