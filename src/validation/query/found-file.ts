import type { Reference } from '../rules.js';
import type { FoundColumn } from './values-of-column.js';

/** A file as it was found. */
export interface FoundFile {
  readonly path: string;
  readonly format: 'csv' | 'json' | 'parquet';
  readonly columns: readonly FoundColumn[];
  /** Types of the columns as far as the first rows show them, where the format has none; for queries of checks. */
  readonly guessed: readonly FoundColumn[];
  /** Columns of what comes before it, where a part of a file is checked; else none. */
  readonly earlier: readonly FoundColumn[];
  /** The tables of other files that rules refer to; null: the file has no such column. */
  readonly referred: ReadonlyMap<string, ReferredColumn>;
}

export interface ReferredColumn {
  readonly table: string;
  /** Type as the engine names it. */
  readonly type: string;
}

/** Names by which the files of references are known. */
export const referenceKey = ({ file, column }: Reference): string => JSON.stringify([file, column]);
