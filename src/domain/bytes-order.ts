/**
 * Order of two texts by the bytes of their UTF-8 form: what "lexicographic" means everywhere in a pond.
 * (JavaScript's own `<` compares UTF-16 units, which differs beyond U+FFFF.)
 */
export const compareUtf8 = (a: string, b: string): number => {
  if (a === b) return 0;
  return isAscii.test(a) && isAscii.test(b)
    ? a < b
      ? -1
      : 1
    : Buffer.compare(Buffer.from(a), Buffer.from(b));
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const isAscii = /^[\x00-\x7f]*$/;
