import { printDuration } from '../../domain/duration.js';
import { cutBetweenWords } from '../../domain/secrets/torn-text.js';
import { dateOf } from '../../domain/text/iso-time.js';
import { printable } from '../../domain/text/printable.js';

/** Microseconds since the epoch in the machine's time zone, to the second: `2026-01-31 13:00:00`. */
export const localTime = (micros: number): string => {
  const date = dateOf(micros);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time}`;
};

/** Milliseconds in words; null is not known. */
export const duration = (milliseconds: number | null): string =>
  milliseconds === null ? '-' : printDuration(milliseconds);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes as `812 B`, `3.4 MiB`. */
export const byteSize = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
};

/** `1 task`, `2 tasks`; `2 batches` with its plural given. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** UTF-16 units of a text of one line that are shown to people: longer than any path. Records may come from elsewhere, and `--json` has all of it. */
const MOST_SHOWN = 8_192;

/** The beginning of a very long text, and how long it is. */
export const briefly = (text: string): string =>
  text.length <= MOST_SHOWN
    ? text
    : `${cutBetweenWords(MOST_SHOWN, text)} (${text.length} characters; --json shows all)`;

/** Text on one line, without what would change a terminal's state; of a very long one the beginning. */
export const onOneLine = (text: string): string => printable(briefly(text).replace(/\s*\n\s*/g, '; '));

/** A command as it was typed, likewise. */
export const typedCommand = (cliArgs: readonly string[]): string => onOneLine(['pond', ...cliArgs].join(' '));
