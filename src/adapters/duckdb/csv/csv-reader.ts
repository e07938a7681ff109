import type { CsvNotation } from '../../../ports/query-engine.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { inKnownForm } from './csv-forms.js';
import { CSV_BUFFER, type CsvHead } from './csv-head.js';
import { TEXT } from './csv-kinds.js';

/** A column that says which file a row is of. */
const FILE_COLUMN = 'pond file';

export const FILE = identifier(FILE_COLUMN);

export const inForm = (name: string, csv: CsvNotation | undefined): string | null => {
  const form = inKnownForm(identifier(name), csv);
  return form === null ? null : `${form} AS ${identifier(name)}`;
};

/** Types that the engine's reader makes, whether it takes an empty text in quotes for a null, and what is in front of fractions. */
interface Reading {
  readonly native: ReadonlyMap<string, string>;
  readonly areEmptyNull: boolean;
  readonly decimalSeparator?: string | undefined;
}

const AS_TEXT: Reading = { native: new Map(), areEmptyNull: false };

/** A call of the engine's reader: columns are text, but for those whose types it is told. */
export const readerOf = (
  files: readonly string[],
  { delimiter, columns, hasNames }: CsvHead,
  { native, areEmptyNull, decimalSeparator }: Reading = AS_TEXT,
): string => {
  const types = columns.map((name) => `${quoted(name)}: ${quoted(native.get(name) ?? TEXT)}`);
  const options = [
    'auto_detect = false',
    `columns = {${types.join(', ')}}`,
    `delim = ${quoted(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `header = ${hasNames}`,
    'skip = 0',
    `buffer_size = ${CSV_BUFFER}`,
    // Where an empty text in quotes is one, nothing at all is a null.
    `allow_quoted_nulls = ${areEmptyNull}`,
    ...(decimalSeparator === undefined ? [] : [`decimal_separator = ${quoted(decimalSeparator)}`]),
    `filename = ${quoted(FILE_COLUMN)}`,
  ];
  return `read_csv([${files.map(quoted).join(', ')}], ${options.join(', ')})`;
};
