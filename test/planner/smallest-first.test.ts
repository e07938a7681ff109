import { expect, test } from 'vitest';
import { smallestFirst } from '../../src/planner/graph/smallest-first.js';

test('numbers come out in ascending order, whatever the order in which they went in', () => {
  const queue = smallestFirst();
  for (const number of [5, 1, 4, 1, 3, 2]) queue.push(number);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => queue.pop())).toEqual([1, 1, 2, 3, 4, 5, undefined]);
});

test('a number that goes in later comes out before the larger ones that wait', () => {
  const queue = smallestFirst();
  queue.push(3);
  queue.push(2);
  expect(queue.pop()).toBe(2);
  queue.push(1);
  expect([queue.pop(), queue.pop(), queue.pop()]).toEqual([1, 3, undefined]);
});
