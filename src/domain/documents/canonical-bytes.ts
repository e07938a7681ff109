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

/** Strings that are written several times each, encoded once. */
export interface KnownTexts {
  readonly texts: readonly string[];
  readonly bytes: Uint8Array;
  /** Places in the bytes where each of them begins, and the last one ends. */
  readonly starts: Int32Array;
}

export const knownTexts = (texts: readonly string[]): KnownTexts => {
  const starts = new Int32Array(texts.length + 1);
  let bytes = new Uint8Array(SIZE);
  let length = 0;
  const out = canonicalBytes((piece) => {
    if (length + piece.length > bytes.length) {
      const larger = new Uint8Array(2 * (length + piece.length));
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(piece, length);
    length += piece.length;
  });
  for (let at = 0; at < texts.length; at += 1) {
    writeText(out, texts[at] ?? '');
    starts[at + 1] = length + out.used;
  }
  flush(out);
  return { texts, bytes, starts };
};

/** Writes a string; fast where it is the known one at that place. */
export const writeKnown = (
  out: CanonicalBytes,
  { texts, bytes, starts }: KnownTexts,
  place: number,
  text: string,
): void => {
  // Mostly it is the very same string, which `Object.is` sees without looking into either.
  if (!Object.is(texts[place], text)) {
    writeText(out, text);
    return;
  }
  const start = starts[place] ?? 0;
  const length = (starts[place + 1] ?? 0) - start;
  if (length > SIZE - out.used) {
    writeBytes(out, bytes.subarray(start, start + length));
    return;
  }
  const { buffer, used } = out;
  for (let at = 0; at < length; at += 1) buffer[used + at] = bytes[start + at] ?? 0;
  out.used = used + length;
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
