import type { EntryType, Forgetting, NodeRow, StorageFormat } from '../../domain/tree/node-row.js';
import type { DataFile } from '../log/log-entry.js';

/** Place where a row is stored. */
export interface Place {
  readonly file: DataFile;
  readonly index: number;
}

/**
 * A row that was read. It knows its place for as long as it is this very object: a copy of its fields is another row,
 * whose content lies nowhere yet. A map from rows to places would cost as much as the rows, of which there are millions.
 */
export class StoredRow implements NodeRow {
  partId = '';
  nodeId = '';
  name = '';
  fileType: EntryType = 'file';
  version = 0;
  timestamp = 0;
  txnSeq = 0;
  deleted = false;
  storageFormat: StorageFormat = 'none';
  size = 0;
  sha256: string | null = null;
  factory: string | null = null;
  minEventTime: number | null = null;
  maxEventTime: number | null = null;
  attributes: string | null = null;
  declare forgotten?: Forgetting;
  readonly #file: DataFile | null;
  readonly #index: number;

  constructor(file: DataFile | null, index: number) {
    this.#file = file;
    this.#index = index;
  }

  /** The place of a row; null where it is none that was read, or nobody said where. */
  static placeOf(row: NodeRow): Place | null {
    return #file in row && row.#file !== null ? { file: row.#file, index: row.#index } : null;
  }
}
