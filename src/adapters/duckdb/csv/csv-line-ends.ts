import { createReadStream } from 'node:fs';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { FileNames, TableFiles } from '../files/table-files.js';

/** Words of the engine about lines that do not end alike. */
const ABOUT_LINE_ENDS = /CSV Parser state machine reached an invalid state/;

/** The error in words where the lines of a CSV file do not end alike, with the first that is different; another error as it is. */
export const lineEndsInWords = async (
  thrown: unknown,
  tables: readonly TableFiles[],
  names: FileNames,
): Promise<unknown> => {
  if (!(thrown instanceof Error && ABOUT_LINE_ENDS.test(thrown.message))) return thrown;
  for (const { table, files } of tables)
    for (const file of table.format === 'csv' ? files : []) {
      const found = await firstOtherEnd(file);
      if (found === null) continue;
      return {
        _tag: 'QueryFailed',
        message: `${names.get(file) ?? file}: its lines do not end alike: line ${found.line} with ${WORDS[found.end]}, those before with ${WORDS[found.before]}`,
        remedy: "end all of them alike, such as by: sed -e 's/\\r$//'",
      } satisfies QueryFailed;
    }
  return thrown;
};

type LineEnd = '\n' | '\r\n' | '\r';

const WORDS: Readonly<Record<LineEnd, string>> = { '\n': 'LF', '\r\n': 'CRLF', '\r': 'CR' };

/** The first line, from 1, that ends otherwise than those before; ends in quotes do not count. Null: there is none. */
const firstOtherEnd = async (
  file: string,
): Promise<{ readonly line: number; readonly end: LineEnd; readonly before: LineEnd } | null> => {
  let line = 1;
  let isQuoted = false;
  let before: LineEnd | null = null;
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
    const text: string = rest + String(chunk);
    // What comes after it may belong to it.
    const isHalf = text.endsWith('\r');
    rest = isHalf ? '\r' : '';
    for (const [found] of (isHalf ? text.slice(0, -1) : text).matchAll(/"|\r\n|\n|\r/g)) {
      if (found === '"') {
        isQuoted = !isQuoted;
        continue;
      }
      const end = found as LineEnd;
      if (!isQuoted && before !== null && before !== end) return { line, end, before };
      if (!isQuoted) before = end;
      line += 1;
    }
  }
  return rest === '' || isQuoted || before === null || before === '\r' ? null : { line, end: '\r', before };
};
