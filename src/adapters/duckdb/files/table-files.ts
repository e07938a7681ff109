import type { QueryTable } from '../../../ports/query-engine.js';
import { quoted } from '../statements/sql-text.js';

/** A table and the files that it consists of. */
export interface TableFiles {
  readonly table: QueryTable;
  readonly files: readonly string[];
}

/** An expression for the name by which people know a file. */
export const nameOfFile = ({ table: { filenames = [] }, files }: TableFiles, file: string): string => {
  const pairs = files.map((each, index) => `${quoted(each)}: ${quoted(filenames[index] ?? each)}`);
  return `MAP {${pairs.join(', ')}}[${file}]`;
};

/** Names by which people know the files of a query, by where they are. */
export type FileNames = ReadonlyMap<string, string>;

/** The first file of each table, by the table's name. */
export const firstFiles = (tables: readonly TableFiles[]): ReadonlyMap<string, string> =>
  new Map(tables.map(({ table, files }) => [table.name, files[0] ?? '']));
