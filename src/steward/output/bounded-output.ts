import { LEFT_OUT, type OutputLine } from '../shapes/output-line.js';
import { printOutputLine } from './output-text.js';

/** Bytes that are kept of what one attempt says: 256 KiB. */
export const MOST_KEPT = 256 * 1024;
/** Bytes of its beginning, and of its end, that are kept of an attempt that says more. */
const BEGINNING = 64 * 1024;
const END = 96 * 1024;

/**
 * Takes lines out of the middle, so that there is room again; in their place stands how many they are. What an attempt said
 * first and what it said last is what tells why it failed.
 */
export const withoutMiddle = (lines: readonly OutputLine[]): readonly OutputLine[] => {
  const marked = lines.findIndex(({ event }) => event === LEFT_OUT);
  const first = marked === -1 ? takeWhileFits(lines, BEGINNING) : lines.slice(0, marked);
  const rest = lines.slice(marked === -1 ? first.length : marked + 1);
  const last = takeWhileFits(rest.toReversed(), END).toReversed();
  const [next] = last;
  const before = first.at(-1)?.number ?? 0;
  const leftOut = (next?.number ?? before + 1) - before - 1;
  if (leftOut <= 0 || next === undefined) return [...first, ...last];
  const mark = { number: before + 1, time: next.time, level: 'info', event: LEFT_OUT } as const;
  return [...first, { ...mark, fields: { lines: leftOut } }, ...last];
};

const takeWhileFits = (lines: readonly OutputLine[], most: number): readonly OutputLine[] => {
  let bytes = 0;
  const end = lines.findIndex((line) => {
    bytes += Buffer.byteLength(printOutputLine(line));
    return bytes > most;
  });
  return end === -1 ? lines : lines.slice(0, end);
};
