import { expect, test } from 'vitest';
import { remembered } from '../../src/domain/remembered.js';

/** A function that notes what it was really asked; keys of one character weigh 257. */
const noting = (most: number) => {
  const computed: string[] = [];
  const ask = remembered(
    most,
    (input: string) => input,
    (input) => {
      computed.push(input);
      return input.length;
    },
  );
  return { ask, computed };
};

test('what is asked again is not computed again', () => {
  const { ask, computed } = noting(1_000);
  expect([ask('a'), ask('b'), ask('a')]).toEqual([1, 1, 1]);
  expect(computed).toEqual(['a', 'b']);
});

test('what has not been asked for the longest time is forgotten first', () => {
  const { ask, computed } = noting(2 * 257);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) ask(key);
  expect(computed).toEqual(['a', 'b', 'c', 'b']);
});

test('long keys weigh more, and one that is too heavy alone is answered all the same', () => {
  const { ask, computed } = noting(1_000);
  const long = 'x'.repeat(2_000);
  expect([ask('a'), ask(long), ask(long)]).toEqual([1, 2_000, 2_000]);
  ask('a');
  expect(computed).toEqual(['a', long, long, 'a']);
});
