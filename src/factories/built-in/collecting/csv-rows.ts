/** A row as it came: values by the names of columns. */
export type CollectedRow = Readonly<Record<string, unknown>>;

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Rows of CSV (RFC 4180, with any usual delimiter: the one that the first line has most of); the first line has the names. An
 * empty value is null. Throws where a line has more values than there are names, and where a quote is not closed; lines are
 * those of the text, those inside quotes among them.
 */
export const csvRows = (text: string): readonly CollectedRow[] => {
  const content = text.replace(/^\ufeff/, '');
  const firstLine = content.slice(0, content.search(/\r?\n|$/));
  const delimiter =
    DELIMITERS.toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ',';
  const [head, ...records] = recordsOf(content, delimiter);
  const names = head?.values ?? [];
  return records
    .filter(({ values }) => values.some((value) => value !== ''))
    .map(({ values, line }) => {
      if (values.length > names.length)
        throw new Error(`line ${line} has ${values.length} values and there are ${names.length} columns`);
      return Object.fromEntries(
        names.map((name, at) => [name, (values[at] ?? '') === '' ? null : values[at]]),
      );
    });
};

interface CsvRecord {
  readonly values: readonly string[];
  /** The line that it begins in, from 1. */
  readonly line: number;
}

const recordsOf = (text: string, delimiter: string): readonly CsvRecord[] => {
  const records: CsvRecord[] = [];
  let values: string[] = [];
  let value = '';
  let line = 1;
  let begun = 1;
  /** The line of the quote that is open; null: none is. */
  let quotedFrom: number | null = null;
  const end = (last: string): void => {
    records.push({ values: [...values, last], line: begun });
    [values, value] = [[], ''];
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') line += 1;
    if (quotedFrom !== null) {
      if (character !== '"') value += character;
      else if (text.charAt(at + 1) === '"') {
        value += '"';
        at += 1;
      } else quotedFrom = null;
    } else if (character === '"' && value === '') quotedFrom = line;
    else if (character === delimiter) {
      values.push(value);
      value = '';
    } else if (character === '\n') {
      end(value.endsWith('\r') ? value.slice(0, -1) : value);
      begun = line;
    } else value += character;
  }
  if (quotedFrom !== null) throw new Error(`the quote that line ${quotedFrom} opens is not closed`);
  if (value !== '' || values.length > 0) end(value);
  return records;
};
