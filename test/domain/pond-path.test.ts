import { left, right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import {
  childOf,
  fromNames,
  isWithin,
  nameOf,
  namesOf,
  type PondPath,
  parentOf,
  parsePondPath,
  ROOT,
} from '../../src/domain/paths/pond-path.js';

const path = (text: string): PondPath => {
  const parsed = parsePondPath(text);
  if (parsed._tag === 'Left') throw new Error(parsed.left.problem);
  return parsed.right;
};

test('repeated slashes, dots and a trailing slash are normalised away', () => {
  const normalised = {
    '/': '/',
    '///': '/',
    '/.': '/',
    '/a/': '/a',
    '//a/./b//': '/a/b',
    '/...': '/...',
    '/a b/é': '/a b/é',
  };
  for (const [text, expected] of Object.entries(normalised)) {
    expect(parsePondPath(text), text).toEqual(right(expected));
  }
});

test('what is not a path is refused with its problem and the text as it was given', () => {
  const refused = {
    '': 'empty',
    a: 'not-absolute',
    './a': 'not-absolute',
    '/a/../b': 'parent-traversal',
    '/..': 'parent-traversal',
    '/a\0b': 'nul-byte',
    [`/${'n'.repeat(256)}`]: 'name-too-long',
    [`/${'é'.repeat(128)}`]: 'name-too-long',
    [`/${'p/'.repeat(2_048)}`]: 'path-too-long',
  };
  for (const [text, problem] of Object.entries(refused)) {
    expect(parsePondPath(text), text).toEqual(left({ _tag: 'InvalidPath', path: text, problem }));
  }
});

test('a name of 255 bytes and a path of 4096 bytes are allowed', () => {
  const name = 'n'.repeat(255);
  expect(parsePondPath(`/${name}`)).toEqual(right(`/${name}`));
  expect(parsePondPath(`/${name}`.repeat(16))).toEqual(right(`/${name}`.repeat(16)));
});

test('a path is made of its names, and the root has none', () => {
  expect(namesOf(path('/a/b'))).toEqual(['a', 'b']);
  expect(namesOf(ROOT)).toEqual([]);
  expect([fromNames(['a', 'b']), fromNames([])]).toEqual(['/a/b', ROOT]);
  expect([nameOf(path('/a/b')), nameOf(ROOT)]).toEqual(['b', '']);
});

test('parent and child are inverse, and the root is its own parent', () => {
  expect([childOf(ROOT, 'a'), childOf(path('/a'), 'b')]).toEqual(['/a', '/a/b']);
  expect([parentOf(path('/a/b')), parentOf(path('/a')), parentOf(ROOT)]).toEqual(['/a', ROOT, ROOT]);
});

test('a path is within itself and what is above it, not within what its name begins with', () => {
  expect(isWithin(path('/a'), path('/a'))).toBe(true);
  expect(isWithin(path('/a'), path('/a/b/c'))).toBe(true);
  expect(isWithin(ROOT, path('/a'))).toBe(true);
  expect(isWithin(path('/a'), path('/ab'))).toBe(false);
  expect(isWithin(path('/a/b'), path('/a'))).toBe(false);
});
