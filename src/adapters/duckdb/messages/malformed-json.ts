import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { FileNames } from '../files/table-files.js';

/**
 * The error in words, with the line, or the value of a list, that is not JSON; another error as it is. The engine counts from 1
 * and then one too many, and leaves out lines that are empty.
 */
export const malformedInWords = async (thrown: unknown, names: FileNames): Promise<unknown> => {
  const found = MALFORMED.exec(thrown instanceof Error ? thrown.message : '');
  if (found === null) return thrown;
  const [, file = '', unit, number = '', problem = ''] = found;
  const counted = Number(number) - 1;
  const place = unit === 'line' ? `line ${(await lineOf(file)) ?? counted}` : `value ${counted}`;
  return {
    _tag: 'QueryFailed',
    message: `${names.get(file) ?? file}: it is not JSON: ${problem} (${place})`,
  } satisfies QueryFailed;
};

const MALFORMED = /Malformed JSON in file "([^\n]+)", at byte \d+ in (line|record\/value) (\d+): ([^\n.]+)/;

/** The line, from 1, of the first one that is not JSON; null where only the engine refuses one. */
const lineOf = async (file: string): Promise<number | null> => {
  let line = 0;
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1;
    if (!isJson(text)) return line;
  }
  return null;
};

const isJson = (text: string): boolean => {
  if (text.trim() === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
