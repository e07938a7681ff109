import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** Bytes that are not UTF-8. `line`: the first such line, from 1. */
interface NotUtf8 {
  readonly _tag: 'NotUtf8';
  readonly line: number;
}

const NEWLINE = 0x0a;

/** Bytes as text, without a byte order mark. No byte is ever replaced by another character. */
export const utf8Text = (bytes: Uint8Array): Either<NotUtf8, string> => {
  const text = decoded(bytes);
  return text === null ? left({ _tag: 'NotUtf8', line: firstBadLine(bytes) }) : right(text);
};

const decoded = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const firstBadLine = (bytes: Uint8Array): number => {
  let line = 1;
  for (let from = 0; ; line += 1) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end === -1 || decoded(bytes.subarray(from, end)) === null) return line;
    from = end + 1;
  }
};
