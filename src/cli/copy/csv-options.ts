import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { isTimeForm } from '../../domain/series/time-form.js';
import { encodingNamed } from '../../domain/text/text-encoding.js';
import type { CsvOptions } from '../../series/rows-file.js';
import type { CommandArguments } from '../command-arguments.js';
import { type UsageError, usage } from '../errors.js';

/** Options of CSV files, and whether any were given. */
export const csvOptionsIn = (
  given: CommandArguments,
): Either<UsageError, { readonly options: CsvOptions; readonly isGiven: boolean }> => {
  const delimiter = given.text('csvDelimiter');
  const header = given.text('csvHeader');
  const encoding = given.text('csvEncoding');
  const types = given.text('csvTypes');
  const dateFormat = given.text('csvDateFormat');
  const timestampFormat = given.text('csvTimestampFormat');
  const decimalSeparator = given.text('csvDecimalSeparator');
  const nulls = given.text('csvNull');
  const character = delimiter === '\\t' || delimiter === 'tab' ? '\t' : delimiter;
  if (character !== undefined && character.length !== 1)
    return left(usage(`--csv-delimiter ${delimiter} is not one character`, "one such as ';', or tab"));
  if (encoding !== undefined && encodingNamed(encoding) === null)
    return left(
      usage(`the encoding ${encoding} is not known`, '--csv-encoding latin1, windows-1252, utf-16le ...'),
    );
  for (const [option, format] of [
    ['--csv-date-format', dateFormat],
    ['--csv-timestamp-format', timestampFormat],
  ])
    if (format !== undefined && !isTimeForm(format))
      return left(
        usage(
          `${option} ${format} is not a form of days`,
          "one with a day, a month and a year, such as '%d/%m/%Y', or '%d.%m.%Y %H:%M' for times",
        ),
      );
  const columns = types === undefined ? right({}) : typesIn(types);
  if (columns._tag === 'Left') return columns;
  return right({
    isGiven: [delimiter, header, encoding, types, dateFormat, timestampFormat, decimalSeparator, nulls].some(
      (option) => option !== undefined,
    ),
    options: {
      encoding: encoding ?? 'utf-8',
      ...(character === undefined ? {} : { delimiter: character }),
      ...(header === undefined ? {} : { header: header === 'yes' }),
      ...(types === undefined ? {} : { types: columns.right }),
      ...(dateFormat === undefined ? {} : { dateFormat }),
      ...(timestampFormat === undefined ? {} : { timestampFormat }),
      ...(decimalSeparator === undefined ? {} : { decimalSeparator: decimalSeparator === ',' ? ',' : '.' }),
      ...(nulls === undefined ? {} : { nulls: wordsIn(nulls) }),
    },
  });
};

/** Words between commas; one that has a comma itself stands in quotes. */
const wordsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inQuotes, bare = '']) =>
    (inQuotes?.replaceAll('""', '"') ?? bare).trim(),
  );

/** Types have commas of their own, in parentheses. */
const typesIn = (text: string): Either<UsageError, Readonly<Record<string, string>>> => {
  const types: Record<string, string> = {};
  for (const pair of text.split(/,(?![^(]*\))/)) {
    const at = pair.lastIndexOf('=');
    const type = pair.slice(at + 1).trim();
    if (at < 1 || !/^[A-Za-z][A-Za-z0-9_ ]*(\(\s*\d+\s*(,\s*\d+\s*)?\))?$/.test(type))
      return left(
        usage(
          `--csv-types: ${JSON.stringify(pair)} is not a column and its type`,
          '--csv-types id=VARCHAR,price=DOUBLE',
        ),
      );
    types[pair.slice(0, at).trim()] = type;
  }
  return right(types);
};
