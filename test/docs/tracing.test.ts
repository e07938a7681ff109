import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTRIBUTE, HTTP_SPAN, REMOTE_SPAN, SPAN, STORE_SPAN } from '../../src/ports/telemetry-names.js';

const page = readFileSync('docs/tracing.md', 'utf8');
const table = page.slice(page.indexOf('## Spans'), page.indexOf('## Retries'));
const rows = table.split('\n').filter((line) => line.startsWith('| ') && !/^\| (span|---)/.test(line));
const namesIn = (column: number): readonly string[] =>
  rows.flatMap((row) =>
    [...(row.split(' | ')[column] ?? '').matchAll(/`([a-z_]+\.[A-Za-z_.]+)`/g)].map(([, name = '']) => name),
  );

test('the page about tracing names every span that there is, and none that there is not', () => {
  const names = [SPAN, STORE_SPAN, REMOTE_SPAN, HTTP_SPAN].flatMap((spans) => Object.values<string>(spans));
  expect([...namesIn(0)].sort()).toEqual([...names].sort());
});

test('every attribute that the page gives to a span is one that is set', () => {
  const known = new Set<string>(Object.values(ATTRIBUTE));
  const named = namesIn(2);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
