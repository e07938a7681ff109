import { printable } from '../../domain/text/printable.js';
import { columnsOfFile } from '../../series/columns-so-far.js';
import type { CsvOptions, RowsFile } from '../../series/rows-file.js';
import type { Invocation } from '../command.js';

/** Rows of a CSV file, and the Parquet file that was made of them. */
interface ConvertedRows {
  readonly hostPath: string;
  readonly parquet: string;
  readonly rows: RowsFile;
  readonly csv: CsvOptions;
}

/** Warns where somebody has said the form of days or times, and no column has become one of them: a value in another form is text. */
export const warnOfUnmetForms = async (
  { program: { files }, terminal }: Invocation,
  { hostPath, parquet, rows, csv }: ConvertedRows,
): Promise<void> => {
  const { dateFormat, timestampFormat } = csv;
  if (rows.format !== 'csv' || (dateFormat === undefined && timestampFormat === undefined)) return;
  const types = (await columnsOfFile(files, parquet)()).map(({ type }) => type);
  if (types.length === 0) return;
  const warn = (option: string, form: string, what: string) =>
    terminal.writeErr(
      `pond: warning: ${printable(hostPath)}: no column holds ${what}; a value that is not in the form ${printable(form)} (${option}) is text\n`,
    );
  if (dateFormat !== undefined && !types.includes('DATE')) warn('--csv-date-format', dateFormat, 'days');
  if (timestampFormat !== undefined && !types.some((type) => type.startsWith('TIMESTAMP')))
    warn('--csv-timestamp-format', timestampFormat, 'times');
};
