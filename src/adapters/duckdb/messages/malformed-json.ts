import { createReadStream } from 'node:fs';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { FileNames } from '../files/table-files.js';

/**
 * The error in words, with the line, or the value of a list, that is not JSON; another error as it is. The engine counts from 1
 * and then one too many, and leaves out lines that are empty.
 */
export const malformedInWords = async (
  thrown: unknown,
  names: FileNames,
  signal: AbortSignal,
): Promise<unknown> => {
  const found = MALFORMED.exec(thrown instanceof Error ? thrown.message : '');
  if (found === null) return thrown;
  const [, file = '', unit, number = '', problem = ''] = found;
  const counted = Number(number) - 1;
  const place = unit === 'line' ? `line ${(await lineOf(file, signal)) ?? counted}` : `value ${counted}`;
  return {
    _tag: 'QueryFailed',
    message: `${names.get(file) ?? file}: it is not JSON: ${problem} (${place})`,
  } satisfies QueryFailed;
};

const MALFORMED = /Malformed JSON in file "([^\n]+)", at byte \d+ in (line|record\/value) (\d+): ([^\n.]+)/;

/** Bytes of a file that are looked at for the line: whoever waits for the error waits no longer than this takes. */
const LOOKED_AT = 16 * 1024 * 1024;

/**
 * The line, from 1, of the first one that is not JSON; null where only the engine refuses one, where it stands further behind, and where
 * the file cannot be read to there: the engine's words then stand as they are.
 */
const lineOf = async (file: string, signal: AbortSignal): Promise<number | null> => {
  const text = await beginningOf(file, signal).catch(() => null);
  if (text === null) return null;
  const broken = text.lines.findIndex((line) => !isJson(line));
  // The last of them may be whole in the file.
  return broken < 0 || (!text.isWhole && broken === text.lines.length - 1) ? null : broken + 1;
};

const beginningOf = async (file: string, signal: AbortSignal) => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of createReadStream(file, { signal, end: LOOKED_AT })) {
    const piece = bytes as Uint8Array;
    pieces.push(piece);
    size += piece.length;
  }
  // The decoder leaves out a mark of byte order, which JSON may begin with.
  return { lines: new TextDecoder().decode(Buffer.concat(pieces)).split('\n'), isWhole: size <= LOOKED_AT };
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
