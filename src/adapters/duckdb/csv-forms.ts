import type { CsvNotation } from '../../ports/query-engine.js';
import { quoted } from './sql-text.js';

/** A number with this decimal separator, and nothing that might be one for thousands. */
const NUMBER = (separator: string): string => `\\s*[+-]?[0-9]*${separator}[0-9]+([eE][+-]?[0-9]+)?\\s*`;

/**
 * An expression for a text in the form that types are read from, where it is in one of those that somebody has said; null: nobody has.
 * A text in another form stays as it is.
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
  return forms.length === 0 ? null : `COALESCE(${[...forms, text].join(', ')})`;
};

const strftime = (text: string, from: string, to: string): string =>
  `strftime(try_strptime(trim(${text}), ${quoted(from)}), ${quoted(to)})`;

/** Tells whether a format says a zone or an offset, and so an instant. */
const hasZone = (format: string): boolean => /%[zZ]/.test(format);
