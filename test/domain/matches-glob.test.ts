import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { parseGlob } from '../../src/domain/paths/glob-pattern.js';
import { matchesGlob } from '../../src/domain/paths/matches-glob.js';
import { ROOT } from '../../src/domain/paths/pond-path.js';

/** What a pattern means, word by word: `**` at the end is one name or more, elsewhere any number of them. */
const means = ([first, ...rest]: readonly string[], names: readonly string[]): boolean => {
  if (first === undefined) return names.length === 0;
  const [name, ...below] = names;
  if (first !== '**') return name !== undefined && (first === '*' || first === name) && means(rest, below);
  if (rest.length === 0) return name !== undefined;
  return means(rest, names) || (name !== undefined && means([first, ...rest], below));
};

/** All lists of up to so many of these words. */
const listsOf = (words: readonly string[], most: number): readonly (readonly string[])[] =>
  most === 0
    ? [[]]
    : [[], ...listsOf(words, most - 1).flatMap((list) => words.map((word) => [word, ...list]))];

test('a path matches a pattern where its names are what the pattern means, word by word', () => {
  const paths = listsOf(['a', 'b'], 4);
  for (const words of listsOf(['a', '*', '**'], 4)) {
    const glob = parseGlob(`/${words.join('/')}`, ROOT);
    if (isLeft(glob)) throw new Error(JSON.stringify(glob.left));
    for (const names of paths) {
      const told = `${words.join('/')} of ${names.join('/')}: ${matchesGlob(glob.right, names)}`;
      expect(told).toBe(`${words.join('/')} of ${names.join('/')}: ${means(words, names)}`);
    }
  }
});
