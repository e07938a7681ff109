/**
 * Order of two strings by the bytes of their UTF-8 form: what "lexicographic" means everywhere in a pond.
 * (JavaScript's own `<` compares UTF-16 units, which differs beyond U+FFFF.)
 */
export const compareUtf8 = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === shorter) return Math.sign(a.length - b.length);
  const [unitOfA, unitOfB] = [a.charCodeAt(at), b.charCodeAt(at)];
  // Below the surrogates the order of units, of code points and of their bytes is the same one.
  return unitOfA < SURROGATES && unitOfB < SURROGATES
    ? Math.sign(unitOfA - unitOfB)
    : Buffer.compare(Buffer.from(a), Buffer.from(b));
};

const SURROGATES = 0xd800;
