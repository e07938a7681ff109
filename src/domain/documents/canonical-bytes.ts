import { canonicalJson } from './canonical-json.js';
import type { Json } from './json.js';

/**
 * Canonical JSON (RFC 8785) as UTF-8, written piece by piece, for what is too long to be made as one string. Every value
 * gets the form that `canonicalJson` gives it; to put them together, keys in their order, is for whoever writes.
 */
export interface CanonicalBytes {
  readonly buffer: Uint8Array;
  /** Number of bytes of the buffer that have been written and not been taken yet. */
  used: number;
  /** Takes the bytes whenever the buffer is full, and must be done with them when it returns. */
  readonly take: (bytes: Uint8Array) => void;
}

export const canonicalBytes = (take: CanonicalBytes['take']): CanonicalBytes => ({
  buffer: new Uint8Array(SIZE),
  used: 0,
  take,
});

const SIZE = 64 * 1024;

/** Hands over what has not been handed over yet. */
export const flush = (out: CanonicalBytes): void => {
  out.take(out.buffer.subarray(0, out.used));
  out.used = 0;
};

/** The bytes of a piece of JSON. */
export const jsonBytes = (json: string): Uint8Array => Buffer.from(json);

/** Writes bytes that are JSON already. */
export const writeBytes = (out: CanonicalBytes, bytes: Uint8Array): void => {
  const { length } = bytes;
  if (length > SIZE - out.used) flush(out);
  if (length > SIZE) {
    out.take(bytes);
    return;
  }
  const { buffer, used } = out;
  for (let at = 0; at < length; at += 1) buffer[used + at] = bytes[at] ?? 0;
  out.used = used + length;
};

export const writeValue = (out: CanonicalBytes, value: Json): void =>
  writeBytes(out, jsonBytes(canonicalJson(value)));

export const writeText = (out: CanonicalBytes, text: string): void => {
  const { length } = text;
  if (length + 2 > SIZE - out.used) flush(out);
  if (length + 2 > SIZE) {
    writeValue(out, text);
    return;
  }
  const { buffer, used } = out;
  buffer[used] = QUOTE;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < FIRST_PLAIN || unit > LAST_PLAIN || unit === QUOTE || unit === BACKSLASH) {
      writeValue(out, text);
      return;
    }
    buffer[used + 1 + at] = unit;
  }
  buffer[used + 1 + length] = QUOTE;
  out.used = used + length + 2;
};

export const writeNumber = (out: CanonicalBytes, value: number): void => {
  if ((value | 0) !== value || value < 0) {
    writeValue(out, value);
    return;
  }
  if (MOST_DIGITS > SIZE - out.used) flush(out);
  const { buffer, used } = out;
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits += 1;
  let rest = value;
  for (let at = used + digits - 1; at >= used; at -= 1) {
    const tenth = (rest / 10) | 0;
    buffer[at] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  out.used = used + digits;
};

/** Bounds of the numbers that are written digit by digit. */
const MOST_DIGITS = 10;
const ZERO = 0x30;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bounds of the ASCII that JSON writes as it is, but for the quotation mark and the backslash. */
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
