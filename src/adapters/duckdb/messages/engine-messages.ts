import type { QueryFailed } from '../../../ports/query-engine.js';
import type { FileNames } from '../files/table-files.js';

/** Name of the directory of a query's temporary files, as messages have it. */
export const TEMPORARY_FILES = 'temporary files';

/** Words for what an engine throws. */
export type EngineWords = (thrown: unknown) => Promise<QueryFailed>;

/**
 * Messages of the engine, in words that mean something to whoever asked: files by their paths in the pond, and without
 * advice about options that cannot be given.
 */
export const engineMessage = (thrown: unknown, names: FileNames): QueryFailed => {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown
      ? String(thrown.message)
      : String(thrown);
  const remedy =
    typeof thrown === 'object' && thrown !== null && 'remedy' in thrown && typeof thrown.remedy === 'string'
      ? { remedy: thrown.remedy }
      : OTHER_COLUMNS.test(message)
        ? { remedy: ALL_COLUMNS }
        : {};
  return { _tag: 'QueryFailed', message: withPondPaths(withoutAdvice(message), names).trim(), ...remedy };
};

/** The same text with files as people know them. */
const withPondPaths = (text: string, names: FileNames): string =>
  [...names]
    // A file before the directory that it is in.
    .sort(([a], [b]) => b.length - a.length)
    .reduce((replaced, [file, name]) => replaced.replaceAll(file, name), text);

/** Tells by its columns whether an answer is that of `EXPLAIN`. */
export const isPlan = (columns: readonly string[]): boolean => columns.join() === 'explain_key,explain_value';

/**
 * The same of a plan that EXPLAIN draws. In its boxes a path stands in pieces below one another, and beside those of other
 * boxes; what it is replaced by takes no more room.
 */
export const planWithPondPaths = (plan: string, names: FileNames): string => {
  const rows = plan.split('\n').map((line) => line.split(BORDER));
  const unspaced = new Map([...names].map(([file, name]) => [file.replace(/\s/g, ''), name]));
  for (const [top, cells] of rows.entries())
    for (const [column, cell] of cells.entries()) {
      if (cell.trim() !== FILES) continue;
      const below = rows.slice(top + 1);
      const end = below.findIndex((row) => (row[column] ?? '').trim() === '');
      const pieces = below.slice(0, end < 0 ? below.length : end);
      const path = pieces.map((row) => (row[column] ?? '').trim()).join('');
      let rest = withPondPaths(path.replace(/\s/g, ''), unspaced);
      for (const row of pieces) {
        const width = (row[column] ?? '').length;
        row[column] = centred(rest.slice(0, width - 2), width);
        rest = rest.slice(width - 2);
      }
    }
  return withPondPaths(rows.map((row) => row.join(BORDER)).join('\n'), names);
};

const BORDER = '│';

const FILES = 'Filename(s):';

const centred = (text: string, width: number): string =>
  text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);

const withoutAdvice = (message: string): string =>
  message
    .replace(STACK_TRACE, '')
    .replace(OWN_STATEMENT, '')
    .replace(LONG_LINE, 'a line of a CSV file has more than 4 MiB, which is the most that a line may have')
    .replace(OTHER_COLUMNS, '$2 has other columns than $1: $3')
    .replace(NO_PARAMETER, 'a value is given for a parameter that the query does not have')
    .split('\n')
    .filter((line) => !ADVICE.test(line))
    .join('\n')
    .replace(/\n\s*\n+/g, '\n')
    .replaceAll('\t', '  ');

/** Lists of options and of what they could be changed to. */
const ADVICE =
  /^\s*(?:Possible (?:fixes|[Ss]olutions?)\b.*|See also https:.*|\* .*|(?:delimiter|quote|escape|new_line|header|skip_rows|comment|strict_mode|date_format|timestamp_format|null_padding|sample_size|ignore_errors|all_varchar|encoding|max_line_size|buffer_size)\s*=.*)$/;

/** Words in which the engine says that a line does not fit into the bytes that it reads at once. */
const LONG_LINE =
  /^Not implemented Error: The Parallel CSV Reader currently does not support a full read on this file\..*$/s;

/** Words for files of one reader that have other columns. */
const OTHER_COLUMNS =
  /^Invalid Input Error: Schema mismatch between globbed files\.\s*\nMain file schema: ([^\n]*)\nCurrent file: ([^\n]*)\n(.*?)\s*\nPotential Fixes.*$/s;

const ALL_COLUMNS =
  "union_by_name = true takes the columns of all of them, as a pattern without a reader does: FROM '/in/*.csv'";

const NO_PARAMETER = /^Failed to retrieve bind parameter index$/;

/** Calls within the engine behind the message of what it takes for a fault of its own, with the places of its files. */
const STACK_TRACE = /\n+Stack Trace:\n.*$/s;

/** Quotations by the engine of the statements that make our tables. */
const OWN_STATEMENT = /\n*LINE 1: CREATE (?:VIEW|OR REPLACE TEMP TYPE)[^\n]*(?:\n\s*\^)?/g;
