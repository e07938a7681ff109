import type { JsonObject } from '../../domain/documents/json.js';
import { shellWord } from '../../domain/shell-word.js';
import { printable } from '../../domain/text/printable.js';
import type { TextByWords } from '../../ports/query-engine.js';
import type { ConvertedRows } from '../../series/convert-rows.js';
import type { CsvOptions } from '../../series/rows-file.js';
import type { Invocation } from '../command.js';

/** Rows of files of the host's; null is standard input. */
type ConvertedFiles = Iterable<readonly [{ readonly hostPath: string | null }, ConvertedRows]>;

/**
 * Warns of columns that are text only because of words that usually stand for no value, of each name once, however many files have
 * it.
 */
export const warnOfTextByWords = (
  { terminal }: Invocation,
  { nulls = [] }: CsvOptions,
  converted: ConvertedFiles,
): void => {
  const columns = new Map<string, string>();
  const words = new Set(nulls);
  for (const [{ hostPath }, { textByWords }] of converted)
    for (const found of textByWords) {
      for (const word of found.words) words.add(word);
      const key = found.column.toLowerCase();
      if (columns.has(key)) continue;
      columns.set(key, found.column);
      const because = found.words.map((word) => JSON.stringify(printable(word))).join(', ');
      terminal.writeErr(
        `pond: warning: ${printable(hostPath ?? '')}: the column ${printable(found.column)} is text because of ${because}; its other values are ${kindIn(found.type)}\n`,
      );
    }
  if (columns.size === 0) return;
  const types = [...columns.values()].map((column) => `${column}=VARCHAR`);
  terminal.writeErr(
    `  say which words stand for no value: --csv-null ${shellWord(listOf(words))}; or which columns are text: --csv-types ${shellWord(types.join(','))}\n`,
  );
};

const kindIn = (type: string): string => {
  if (type.startsWith('TIME')) return 'times';
  if (type === 'DATE') return 'days';
  return type === 'BOOLEAN' ? 'true or false' : 'numbers';
};

/** Words as one list with commas. */
const listOf = (words: Iterable<string>): string =>
  Array.from(words, (word) =>
    word === '' || /[",]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word,
  ).join(',');

/** Names these columns, for the document. */
export const textByWordsAmong = (converted: ConvertedFiles): JsonObject => {
  const found = [...converted].flatMap(([{ hostPath }, { textByWords }]) =>
    textByWords.map(({ column, type, words }: TextByWords) => ({
      file: hostPath,
      column,
      type_of_others: type,
      words: [...words],
    })),
  );
  return found.length === 0 ? {} : { text_because_of_words: found };
};
