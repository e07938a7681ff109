import { left, right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { knownNames } from '../../src/host-plans/kinds/known-names.js';
import type { FileSystemError } from '../../src/ports/file-system.js';

const REFUSED: FileSystemError = { _tag: 'FileSystemError', call: 'readdir', path: '/d', code: 'EACCES' };

const directoryOf = (size: number, names: readonly string[] | null) => {
  let listed = 0;
  const files: Parameters<typeof knownNames>[0] = {
    stat: () => () => right({ kind: 'directory', size, mode: 0o755, modifiedAt: 0 }),
    readDirectory: () => () => {
      listed += 1;
      return names === null ? left(REFUSED) : right(names);
    },
  };
  return { known: knownNames(files), listed: () => listed };
};

test('a directory is listed once, when as many of its names were asked for as make up for it', () => {
  const { known, listed } = directoryOf(4096, ['a', 'b']);
  const answers = Array.from({ length: 40 }, () => known('/d'));
  expect(answers.findIndex((names) => names !== null)).toBe(16);
  expect([...(answers.at(-1) ?? [])]).toEqual(['a', 'b']);
  expect(listed()).toBe(1);
});

test('a large directory is not listed for the sake of a few names', () => {
  const { known, listed } = directoryOf(100_000_000, ['a']);
  for (let time = 0; time < 1000; time += 1) expect(known('/d')).toBe(null);
  expect(listed()).toBe(0);
});

test('one that must not be listed is tried once', () => {
  const { known, listed } = directoryOf(0, null);
  for (let time = 0; time < 10; time += 1) expect(known('/d')).toBe(null);
  expect(listed()).toBe(1);
});
