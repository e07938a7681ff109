import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [join(directory, entry.name)],
  );

const PAGES = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];
const ROOTS = ['src', 'test', 'property-tests', 'docs'];
const NAMES = new Set(ROOTS.flatMap(filesBelow).map((path) => basename(path)));

/** Text in backticks outside of code blocks, with the page and the line that it stands on. */
const quotedTexts = (page: string) => {
  let inBlock = false;
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (/^\s*```/.test(line)) inBlock = !inBlock;
      return inBlock
        ? []
        : [...line.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ text, line: index + 1 }));
    });
};

const isMissing = (text: string): boolean => {
  if (/[\s*?{}<>$,=]|\.\.\.|\bNAME\b/.test(text)) return false;
  if (new RegExp(`^(${ROOTS.join('|')})/`).test(text)) return !existsSync(text);
  return /^[a-z0-9]+(-[a-z0-9]+)+\.(ts|cjs)$/.test(text) && !NAMES.has(text);
};

test('every file that a page of the documentation names exists', () => {
  const missing = PAGES.flatMap((page) =>
    quotedTexts(page)
      .filter(({ text }) => isMissing(text))
      .map(({ text, line }) => `${page}:${line}: ${text}`),
  );
  expect(missing).toEqual([]);
});

test('a file that does not exist is noticed, whether it is named by its path or by its name alone', () => {
  expect(isMissing('src/steward/write-transaction.ts')).toBe(true);
  expect(isMissing('src/steward/commit')).toBe(false);
  expect(isMissing('write-transactions.ts')).toBe(true);
  expect(isMissing('write-transaction.ts')).toBe(false);
});

test('every link inside the documentation leads to a file, and to a heading of it where it names one', () => {
  const anchorsOf = (page: string) =>
    [...readFileSync(page, 'utf8').matchAll(/^#+ +(.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = PAGES.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
      })
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
