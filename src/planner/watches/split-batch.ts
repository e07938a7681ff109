/**
 * Splits a batch that was refused as a whole, so that what is refused is found and the others arrive: apart those whose places the
 * refusal names, and, where it names none or all, one half and the other. The parts are in the order in which they are to be tried;
 * a batch of one file is not split.
 */
export const splitBatch = <A extends { readonly target: string }>(
  batch: readonly A[],
  words: string,
): readonly (readonly A[])[] => {
  if (batch.length <= 1) return [batch];
  const named = batch.filter(({ target }) => isNamed(words, target));
  if (named.length > 0 && named.length < batch.length) {
    const others = batch.filter((one) => !named.includes(one));
    return [others, ...named.map((one) => [one])];
  }
  const half = Math.ceil(batch.length / 2);
  return [batch.slice(0, half), batch.slice(half)];
};

/** Tells whether words have a path in them that does not go on. */
const isNamed = (words: string, path: string): boolean => {
  for (let at = words.indexOf(path); at !== -1; at = words.indexOf(path, at + 1)) {
    const [before, after] = [words[at - 1] ?? ' ', words[at + path.length] ?? ' '];
    if (!/[\w./-]/.test(before) && !/[\w/-]/.test(after)) return true;
  }
  return false;
};
