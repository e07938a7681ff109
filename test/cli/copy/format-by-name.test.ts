import { expect, it } from 'vitest';
import { formatByName, refuseCompressed } from '../../../src/cli/copy/format-by-name.js';
import type { OutgoingFile } from '../../../src/cli/copy/outgoing-files.js';

const file = (path: string, entryType: string): OutgoingFile =>
  ({ path, entry: { path, entryType }, isExact: true }) as unknown as OutgoingFile;

it.each([
  ['north.csv', 'csv'],
  ['north.json', 'json'],
  ['north.ndjson', 'jsonl'],
  ['north.arrow', 'arrow'],
  ['north.FEATHER', 'arrow'],
  ['north.ipc', 'arrow'],
  ['north.arrows', 'arrow-stream'],
  ['north.parquet', null],
  ['north', null],
  ['north.bin', null],
  ['north.constructor', null],
])('a series that is copied to %s is written as its name says', (name, format) => {
  expect(formatByName(file('/sensors/north', 'series'), name)).toBe(format);
});

it('a file goes out as it is, but where its name on the host is that of another form of rows', () => {
  expect(formatByName(file('/in/a.csv', 'file'), 'b.csv')).toBeNull();
  expect(formatByName(file('/in/a.tsv', 'file'), 'b.csv')).toBeNull();
  expect(formatByName(file('/in/a.jsonl', 'file'), 'b.json')).toBeNull();
  expect(formatByName(file('/in/notes.txt', 'file'), 'notes.csv')).toBeNull();
  expect(formatByName(file('/in/a.csv', 'file'), 'a.feather')).toBe('arrow');
  expect(formatByName(file('/derived/warm.parquet', 'file:dynamic'), 'warm.csv')).toBe('csv');
});

it.each(['north.csv.gz', 'north.JSONL.zst', 'north.parquet.br'])(
  'rows are not copied to %s, which they would not be',
  (name) => {
    const to = (path: string, entryType: string) =>
      refuseCompressed([{ file: file(path, entryType), root: '/tmp', names: ['a', name] }], null);
    for (const entryType of ['series', 'table', 'file:dynamic'])
      expect(to('/sensors/north', entryType)).toMatchObject({
        left: {
          _tag: 'Usage',
          message: expect.stringContaining(name),
          remedy: expect.stringContaining('--format parquet'),
        },
      });
    for (const entryType of ['file', 'file:dynamic'])
      expect(to('/in/a.csv.gz', entryType)).toMatchObject({ _tag: 'Right' });
  },
);

it.each([
  ['csv', 'north.csv.gz', 'Left'],
  ['json', 'north.zst', 'Left'],
  ['jsonl', 'north.csv.br', 'Left'],
  ['csv', 'north.csv', 'Right'],
  ['parquet', 'north.csv.gz', 'Right'],
  ['arrow', 'north.gz', 'Right'],
  [null, 'north.constructor.gz', 'Right'],
] as const)('with --format %s a copy to %s is %s', (format, name, _tag) => {
  for (const source of [file('/sensors/north', 'series'), file('/in/a.csv', 'file')])
    expect(refuseCompressed([{ file: source, root: '/tmp', names: [name] }], format)).toMatchObject({ _tag });
});
