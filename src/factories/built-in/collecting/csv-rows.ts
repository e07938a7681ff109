/** A row as it came: values by the names of columns. */
export type CollectedRow = Readonly<Record<string, unknown>>;

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Rows of CSV (RFC 4180, with any usual delimiter: the one that the first line has most of); the first line has the names. An
 * empty value is null. Throws where a line has more values than there are names.
 */
export const csvRows = (text: string): readonly CollectedRow[] => {
  const content = text.replace(/^\ufeff/, '');
  const firstLine = content.slice(0, content.search(/\r?\n|$/));
  const delimiter =
    DELIMITERS.toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ',';
  const [names = [], ...lines] = recordsOf(content, delimiter);
  return lines
    .filter((values) => values.some((value) => value !== ''))
    .map((values, index) => {
      if (values.length > names.length)
        throw new Error(
          `line ${index + 2} has ${values.length} values and there are ${names.length} columns`,
        );
      return Object.fromEntries(
        names.map((name, at) => [name, (values[at] ?? '') === '' ? null : values[at]]),
      );
    });
};

const recordsOf = (text: string, delimiter: string): readonly (readonly string[])[] => {
  const records: string[][] = [];
  let record: string[] = [];
  let value = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuoted) {
      if (character !== '"') value += character;
      else if (text.charAt(at + 1) === '"') {
        value += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && value === '') isQuoted = true;
    else if (character === delimiter) {
      record.push(value);
      value = '';
    } else if (character === '\n') {
      record.push(value.endsWith('\r') ? value.slice(0, -1) : value);
      records.push(record);
      [record, value] = [[], ''];
    } else value += character;
  }
  if (value !== '' || record.length > 0) records.push([...record, value]);
  return records;
};
