// The check of the library's surface is shown to fail.

import { expect, test } from 'vitest';
import { compareReports } from '../build/compare-reports.mjs';

const KEPT = new Map([['index.api.md', 'export const a: number;\nexport const b: number;\n']]);

test('an export that docs/api does not know is a difference', () => {
  const built = new Map([['index.api.md', `${KEPT.get('index.api.md')}export const planted: string;\n`]]);
  expect(compareReports(KEPT, built)).toEqual(['index.api.md:\n  + export const planted: string;']);
});

test('an export that is gone, or has another type, is a difference', () => {
  const built = new Map([['index.api.md', 'export const a: string;\n']]);
  expect(compareReports(KEPT, built)[0]?.split('\n')).toEqual([
    'index.api.md:',
    '  - export const a: number;',
    '  - export const b: number;',
    '  + export const a: string;',
  ]);
});

test('an entry point without a report, and a report without an entry point, are differences', () => {
  expect(compareReports(new Map(), KEPT)).toHaveLength(1);
  expect(compareReports(KEPT, new Map())).toHaveLength(1);
  expect(compareReports(KEPT, new Map(KEPT))).toEqual([]);
});
