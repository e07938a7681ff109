import { closeSync, openSync, readSync } from 'node:fs';

/** The mark of byte order that some write before UTF-8. With it in front the engine takes JSON for one column of values. */
const MARK = Buffer.from('\u{feff}');

/** Tells whether a file begins with the mark; one that cannot be opened does not. */
export const beginsWithMark = (file: string): boolean => {
  const first = Buffer.alloc(MARK.length);
  try {
    const opened = openSync(file, 'r');
    try {
      return readSync(opened, first, 0, MARK.length, 0) === MARK.length && first.equals(MARK);
    } finally {
      closeSync(opened);
    }
  } catch {
    return false;
  }
};

/** The bytes of a content but for the mark. */
export async function* withoutMark(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Buffer | null = Buffer.alloc(0);
  for await (const bytes of content) {
    if (begun === null) {
      yield bytes;
      continue;
    }
    begun = Buffer.concat([begun, bytes]);
    if (begun.length < MARK.length) continue;
    yield begun.subarray(0, MARK.length).equals(MARK) ? begun.subarray(MARK.length) : begun;
    begun = null;
  }
  if (begun !== null && begun.length > 0) yield begun;
}
