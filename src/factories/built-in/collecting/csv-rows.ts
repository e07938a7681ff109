/** A row as it came: values by the names of columns. */
export type CollectedRow = Readonly<Record<string, unknown>>;

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Rows of CSV (RFC 4180, with any usual delimiter: the one that the first line has most of); the first line has the names. An
 * empty value is null, and so is one of `nulls`. Throws where a line has more values than there are names, and where a quote is not closed; lines are
 * those of the text, those inside quotes among them.
 */
export function* csvRows(text: string, nulls: readonly string[] = []): Generator<CollectedRow> {
  const words = new Set(nulls);
  const isNone = (value: string): boolean => value === '' || words.has(value.trim());
  const content = text.replace(/^\ufeff/, '');
  const firstLine = content.slice(0, content.search(/\r?\n|$/));
  const delimiter =
    DELIMITERS.toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ',';
  let names: readonly string[] | null = null;
  for (const { values, line } of recordsOf(content, delimiter)) {
    if (names === null) {
      names = values;
      continue;
    }
    if (values.every((value) => value === '')) continue;
    if (values.length > names.length)
      throw new Error(`line ${line} has ${values.length} values and there are ${names.length} columns`);
    yield Object.fromEntries(names.map((name, at) => [name, isNone(values[at] ?? '') ? null : values[at]]));
  }
}

interface CsvRecord {
  readonly values: readonly string[];
  /** The line that it begins in, from 1. */
  readonly line: number;
}

function* recordsOf(text: string, delimiter: string): Generator<CsvRecord> {
  let values: string[] = [];
  let value = '';
  let line = 1;
  let begun = 1;
  /** The line of the quote that is open; null: none is. */
  let quotedFrom: number | null = null;
  const ended = (last: string): CsvRecord => {
    const record = { values: [...values, last], line: begun };
    [values, value] = [[], ''];
    return record;
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
      yield ended(value.endsWith('\r') ? value.slice(0, -1) : value);
      begun = line;
    } else value += character;
  }
  if (quotedFrom !== null) throw new Error(`the quote that line ${quotedFrom} opens is not closed`);
  if (value !== '' || values.length > 0) yield ended(value);
}
