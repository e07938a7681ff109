import { expect, test } from 'vitest';
import { nextLink } from '../../../src/factories/built-in/http-collect/link-header.js';

test.each([
  ['</r?p=2>; rel="next"', '/r?p=2'],
  ['</r?p=2>;rel=next', '/r?p=2'],
  ['</r?p=2> ; REL = "NEXT"', '/r?p=2'],
  ['</r?p=1>; rel="prev", </r?p=2,3;4>; rel="next"', '/r?p=2,3;4'],
  ['</r?p=2>; rel="last next"; title="a"', '/r?p=2'],
  ['</r?p=2>; title="page 2, of <3>; \\"all\\""; rel="next"', '/r?p=2'],
  ["</r?p=2>; title*=UTF-8''a%20b; crossorigin; rel=next", '/r?p=2'],
])('the next page of the header Link %s', (header, expected) => {
  expect(nextLink(header)).toBe(expected);
});

test.each([
  '',
  'next',
  '<',
  '</r?p=2',
  '</r?p=2>',
  '</r?p=2>; rel="prev"',
  '</r?p=2>; rel=nextish',
  '</r?p=2>; title="x; rel=next"; rel="prev"',
  '</r?p=2>; rel="prev"; rel="next"',
  '</r?p=2>; anchor="</x>; rel=next"',
  `<x>;rel=${' '.repeat(15_000)}x`,
  `${'<>;'.repeat(5_000)}x`,
  `<x>${';a="'.repeat(4_000)}`,
])('the header Link %s has no next page', (header) => {
  expect(nextLink(header)).toBe('');
});
