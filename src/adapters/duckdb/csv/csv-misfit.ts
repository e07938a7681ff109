import { createReadStream } from 'node:fs';
import { isUsualNull } from '../../../domain/series/null-words.js';
import { shellWord } from '../../../domain/shell-word.js';
import type { QueryFailed, QueryTable } from '../../../ports/query-engine.js';
import type { FileNames, TableFiles } from '../files/table-files.js';
import { type CsvHead, csvHead, fieldsOf } from './csv-head.js';
import { MISFIT, SEPARATOR } from './csv-kinds.js';

/** Facts that an error names about one value of a CSV file. */
interface Misfit {
  readonly file: string;
  readonly column: string;
  readonly type: string;
  readonly isSaid: boolean;
  readonly value: string;
}

/** The error in words, with the line of the value that did not fit; another error as it is. */
export const misfitInWords = async (
  thrown: unknown,
  tables: readonly TableFiles[],
  names: FileNames,
): Promise<unknown> => {
  const misfit = misfitOf(thrown);
  if (misfit === null) return thrown;
  const { file, column, type, isSaid, value } = misfit;
  const table = tables.find(({ files }) => files.includes(file))?.table;
  const line = table === undefined ? null : await lineOf(misfit, table);
  const place = line === null ? '' : ` (line ${line})`;
  const what = `${JSON.stringify(shortened(value))} in the column ${column}${place} is not a ${type}`;
  if (isSaid) return { _tag: 'QueryFailed', message: what, remedy: remedyFor(misfit) } satisfies QueryFailed;
  const path = names.get(file) ?? file;
  return {
    _tag: 'QueryFailed',
    message: `${path}: ${what}, as the values in the first rows are`,
    remedy: `look through all rows first: read_csv('${path}', sample_size = -1); or say the type: read_csv('${path}', types = {'${column}': 'VARCHAR'})`,
  } satisfies QueryFailed;
};

const remedyFor = ({ column, type, value }: Misfit): string => {
  if (isUsualNull(value)) return `say that it stands for no value: --csv-null ${shellWord(value.trim())}`;
  const another = `say another type of the column: --csv-types ${column}=VARCHAR`;
  if (/^DATE$/i.test(type)) return `say how days are written: --csv-date-format '%d/%m/%Y'; or ${another}`;
  return /^TIMESTAMP/i.test(type)
    ? `say how times are written: --csv-timestamp-format '%d/%m/%Y %H:%M:%S'; or ${another}`
    : another;
};

const LONGEST = 80;

const shortened = (value: string): string =>
  value.length > LONGEST ? `${value.slice(0, LONGEST)}\u{2026}` : value;

const misfitOf = (thrown: unknown): Misfit | null => {
  const message = thrown instanceof Error ? thrown.message : '';
  const at = message.indexOf(MISFIT);
  if (at === -1) return null;
  const [file = '', column = '', type = '', source, ...value] = message
    .slice(at + MISFIT.length)
    .split(SEPARATOR);
  return { file, column, type, isSaid: source === 'said', value: value.join(SEPARATOR) };
};

/** The line, from 1, of the first row that has the value in the column; null where it cannot be found. */
export const lineOf = async (
  { file, column, value }: Pick<Misfit, 'file' | 'column' | 'value'>,
  { csv, path, name }: QueryTable,
): Promise<number | null> => {
  const head = await csvHead(file, path ?? name, csv ?? {}, 'query');
  if (head === null) return null;
  const index = head.columns.findIndex((each) => each.toLowerCase() === column.toLowerCase());
  let isOfNames = head.hasNames;
  for await (const { line, text } of recordsOf(file)) {
    if (isOfNames) {
      isOfNames = false;
      continue;
    }
    if (text.includes(value) && fieldsOf(text, head.delimiter)[index] === value) return line;
  }
  return null;
};

/** The line, from 1, of the first row that has the names of the columns once more; null: there is none. */
export const lineOfNamesAgain = async (
  file: string,
  { columns, delimiter }: Pick<CsvHead, 'columns' | 'delimiter'>,
): Promise<number | null> => {
  let isFirst = true;
  for await (const { line, text } of recordsOf(file)) {
    const isNames = !isFirst && fieldsOf(text, delimiter).every((field, index) => field === columns[index]);
    if (isNames && fieldsOf(text, delimiter).length === columns.length) return line;
    isFirst = false;
  }
  return null;
};

/** Records with the lines at which they begin: a line end in quotes is a part of its field. */
async function* recordsOf(file: string): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 1;
  let begun: string[] = [];
  let isQuoted = false;
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const pieces = `${rest}${String(chunk)}`.split(/\r\n|\n|\r(?!$)/);
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      begun.push(piece);
      if (hasOddQuotes(piece)) isQuoted = !isQuoted;
      if (isQuoted) continue;
      yield { line, text: begun.join('\n') };
      line += begun.length;
      begun = [];
    }
  }
  yield { line, text: [...begun, rest].join('\n') };
}

const hasOddQuotes = (text: string): boolean => {
  let isOdd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
};
