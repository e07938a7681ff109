/** A line of a comparison of two strings. */
export interface ComparedLine {
  readonly change: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Lines that are compared one with another at most; beyond it what differs is shown as a whole. */
const MOST_PAIRS = 4_000_000;

/** Compares two strings by lines: what is in both, in its order, and what only one has. */
export const comparedLines = (before: string, after: string): readonly ComparedLine[] => {
  const [a, b] = [linesOf(before), linesOf(after)];
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first += 1;
  let last = 0;
  while (last < a.length - first && last < b.length - first && a.at(-1 - last) === b.at(-1 - last)) last += 1;
  const same = (text: string): ComparedLine => ({ change: 'same', text });
  return [
    ...a.slice(0, first).map(same),
    ...between(a.slice(first, a.length - last), b.slice(first, b.length - last)),
    ...a.slice(a.length - last).map(same),
  ];
};

/** The end of the last line begins none. */
const linesOf = (text: string): readonly string[] =>
  text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');

const between = (a: readonly string[], b: readonly string[]): readonly ComparedLine[] => {
  const removed = (text: string): ComparedLine => ({ change: 'removed', text });
  const added = (text: string): ComparedLine => ({ change: 'added', text });
  if (a.length * b.length > MOST_PAIRS || a.length === 0 || b.length === 0)
    return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  // Lengths of the longest common part of what is left of both.
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      common[at] =
        a[i] === b[j]
          ? (common[at + width + 1] ?? 0) + 1
          : Math.max(common[at + width] ?? 0, common[at + 1] ?? 0);
    }
  }
  const lines: ComparedLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const at = i * width + j;
    if (a[i] === b[j]) {
      lines.push({ change: 'same', text: a[i] ?? '' });
      [i, j] = [i + 1, j + 1];
    } else if ((common[at + width] ?? 0) >= (common[at + 1] ?? 0)) {
      lines.push(removed(a[i] ?? ''));
      i += 1;
    } else {
      lines.push(added(b[j] ?? ''));
      j += 1;
    }
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
};

/** Lines that are shown around what differs. */
const AROUND = 3;

/** The same without what is far from any difference; in its place stands how many lines it has. */
export const shortened = (lines: readonly ComparedLine[]): readonly (ComparedLine | number)[] => {
  const near = new Uint8Array(lines.length);
  lines.forEach(({ change }, at) => {
    if (change !== 'same') near.fill(1, Math.max(0, at - AROUND), at + AROUND + 1);
  });
  const shown: (ComparedLine | number)[] = [];
  lines.forEach((line, at) => {
    const before = shown.at(-1);
    if (near[at] === 1) shown.push(line);
    else if (typeof before === 'number') shown[shown.length - 1] = before + 1;
    else shown.push(1);
  });
  return shown;
};
