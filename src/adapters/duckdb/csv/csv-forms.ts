import type { CsvNotation } from '../../../ports/query-engine.js';
import { quoted } from '../statements/sql-text.js';

/** A number with this decimal separator, and nothing that might be one for thousands. */
const NUMBER = (separator: string): string => `\\s*[+-]?[0-9]*${separator}[0-9]+([eE][+-]?[0-9]+)?\\s*`;

/**
 * An expression for a text in the form that types are read from, where it is in one of those that somebody has said, or null where it
 * stands for no value; null: nobody has said any. A text in another form stays as it is.
 */
export const inKnownForm = (text: string, csv: CsvNotation | undefined): string | null => {
  const { dateFormat, timestampFormat, decimalSeparator } = csv ?? {};
  const forms = [
    ...(timestampFormat === undefined
      ? []
      : [
          `${strftime(text, timestampFormat, '%Y-%m-%d %H:%M:%S.%f')}${hasZone(timestampFormat) ? " || 'Z'" : ''}`,
        ]),
    ...(dateFormat === undefined ? [] : [strftime(text, dateFormat, '%Y-%m-%d')]),
    ...(decimalSeparator === ','
      ? [`CASE WHEN regexp_full_match(${text}, ${quoted(NUMBER(','))}) THEN replace(${text}, ',', '.') END`]
      : []),
  ];
  const inForm = forms.length === 0 ? text : `COALESCE(${[...forms, text].join(', ')})`;
  return forms.length === 0 && !hasNulls(csv) ? null : withoutNulls(text, csv, inForm);
};

/** Tells whether somebody has said words that stand for no value. */
export const hasNulls = (csv: CsvNotation | undefined): boolean => (csv?.nulls ?? []).length > 0;

/** An expression for a value, by default the text itself, that is null where the text stands for no value. */
export const withoutNulls = (text: string, csv: CsvNotation | undefined, value: string = text): string =>
  hasNulls(csv)
    ? `CASE WHEN trim(${text}) IN (${(csv?.nulls ?? []).map(quoted).join(', ')}) THEN NULL ELSE ${value} END`
    : value;

const strftime = (text: string, from: string, to: string): string =>
  `strftime(try_strptime(trim(${text}), ${quoted(from)}), ${quoted(to)})`;

/** Tells whether a format says a zone or an offset, and so an instant. */
const hasZone = (format: string): boolean => /%[zZ]/.test(format);
