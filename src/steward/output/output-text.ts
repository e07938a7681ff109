import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { OutputLine } from '../shapes/output-line.js';

/** Bytes that one line has at most; of a longer one the beginning is kept. */
const LONGEST_LINE = 16 * 1024;
/** The same without its number. */
const LONGEST_TEXT = LONGEST_LINE - 32;

const Fields = t.record(t.string, t.unknown);

const Line = t.intersection([
  t.type({
    n: t.number,
    time: t.number,
    level: t.keyof({ debug: null, info: null, warn: null, error: null }),
    event: t.string,
  }),
  t.partial({ fields: Fields }),
]);

/** A line as it is kept: JSON on a line of its own. */
export const printOutputLine = ({ number, ...line }: OutputLine): string =>
  numberedLine(number, outputLineText(line));

/** The same from its text, which does not say which line it is. */
export const numberedLine = (number: number, text: string): string => `{"n":${number},${text.slice(1)}\n`;

/** The text of a line without its number: what is said may be said before anybody knows how much was said before. */
export const outputLineText = ({ time, level, event, fields }: Omit<OutputLine, 'number'>): string => {
  const text = JSON.stringify({ time, level, event, fields });
  if (Buffer.byteLength(text) <= LONGEST_TEXT) return text;
  const said = typeof fields.line === 'string' ? fields.line : JSON.stringify(fields);
  const stream = typeof fields.stream === 'string' ? { stream: fields.stream } : {};
  // A character is at most six bytes of JSON.
  const line = `${said.slice(0, LONGEST_LINE / 8)}... and ${said.length - LONGEST_LINE / 8} characters more`;
  return JSON.stringify({ time, level, event: event.slice(0, 200), fields: { ...stream, line } });
};

/** Lines of a file. One that is not whole is what a crash left of it, and no line. */
export const readOutputLines = (bytes: Uint8Array): readonly OutputLine[] =>
  Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((text) => readLine(text) ?? []);

/**
 * Lines of an attempt that are in two places: those that were said first, and after them the others, counted on. That happens where
 * one process began an attempt and another one ended it, or where what it began went on after its end.
 */
export const joinedLines = (
  one: readonly OutputLine[],
  other: readonly OutputLine[],
): readonly OutputLine[] => {
  const [first, second] = (one[0]?.time ?? 0) <= (other[0]?.time ?? 0) ? [one, other] : [other, one];
  const counted = first.at(-1)?.number ?? 0;
  return [...first, ...second.map((line) => ({ ...line, number: counted + line.number }))];
};

const readLine = (text: string): OutputLine | null => {
  const decoded = Line.decode(parsed(text));
  if (isLeft(decoded)) return null;
  const { n, time, level, event, fields = {} } = decoded.right;
  return { number: n, time, level, event, fields: fields as OutputLine['fields'] };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
