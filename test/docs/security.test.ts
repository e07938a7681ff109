import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/security.md', 'utf8');
const promises = page.slice(page.indexOf('## What is promised'), page.indexOf('## What a pond')).split('\n');
const rows = promises.filter((line) => /^\| (?!promise|---)/.test(line));

test('every promise names tests that exist', () => {
  expect(rows.length).toBeGreaterThan(9);
  for (const row of rows) {
    const tests = [...row.matchAll(/`((?:test|property-tests)\/[^`]+)`/g)].map(([, path = '']) => path);
    expect([row, tests.length > 0, tests.filter((path) => !existsSync(path))]).toEqual([row, true, []]);
  }
});

test('every test of an attack belongs to a promise', () => {
  const unnamed = readdirSync('test/security')
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => !rows.some((row) => row.includes(`\`test/security/${name}\``)));
  expect(unnamed).toEqual([]);
});
