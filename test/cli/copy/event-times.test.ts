import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { appendedVersion } from '../../support/appended-version.js';

const inspect = (bytes: Uint8Array, named?: string) =>
  appendedVersion(bytes, named === undefined ? {} : { timeColumn: named });

const parquet = (columnData: ColumnSource[], options: { statistics?: boolean; rowGroupSize?: number } = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

const times = ['2026-01-03T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'].map(
  (text) => new Date(text),
);
const first = Date.UTC(2026, 0, 1) * 1000;
const last = Date.UTC(2026, 0, 3) * 1000;

describe('the event times of a series', () => {
  it('are found in a column with a usual name, and their range in the statistics of all row groups', async () => {
    const file = parquet(
      [
        { name: 'at', data: times, type: 'TIMESTAMP' },
        { name: 'Time', data: times, type: 'TIMESTAMP' },
      ],
      { rowGroupSize: 1 },
    );
    expect(await inspect(file)).toEqual({ right: { column: 'Time', min: first, max: last } });
  });

  it('are read from the column where there are no statistics', async () => {
    const file = parquet([{ name: 'time', data: times, type: 'TIMESTAMP' }], { statistics: false });
    expect(await inspect(file)).toEqual({ right: { column: 'time', min: first, max: last } });
  });

  it('are found by their type where no name is a usual one, or in the column that is named', async () => {
    const file = parquet([
      { name: 'value', data: [1, 2, 3], type: 'INT32' },
      { name: 'measured', data: times, type: 'TIMESTAMP' },
      { name: 'seconds', data: [1_700_000_000n, 1_700_000_060n, 1_700_000_030n], type: 'INT64' },
    ]);
    expect(await inspect(file)).toEqual({ right: { column: 'measured', min: first, max: last } });
    expect(await inspect(file, 'seconds')).toEqual({
      right: { column: 'seconds', min: 1_700_000_000_000_000, max: 1_700_000_060_000_000 },
    });
  });

  it.each([
    [1_700_000_000n, 'seconds'],
    [1_700_000_000_000n, 'milliseconds'],
    [1_700_000_000_000_000n, 'microseconds'],
    [1_700_000_000_000_000_000n, 'nanoseconds'],
  ])('in plain integers such as %s are taken as %s', async (value) => {
    const file = parquet([{ name: 'timestamp', data: [value], type: 'INT64' }]);
    expect(await inspect(file)).toMatchObject({ right: { min: 1_700_000_000_000_000 } });
  });

  it('of no rows have no range', async () => {
    const file = parquet([{ name: 'time', data: [], type: 'TIMESTAMP' }]);
    expect(await inspect(file)).toEqual({ right: { column: 'time', min: null, max: null } });
  });

  it('are missed by name when there are none', async () => {
    const file = parquet([{ name: 'value', data: ['a'], type: 'STRING' }]);
    expect(await inspect(file)).toMatchObject({
      left: { _tag: 'NotParquet', problem: expect.stringContaining('(value)') },
    });
    expect(await inspect(file, 'when')).toMatchObject({
      left: { _tag: 'SchemaConflict', column: 'when', found: null, reason: 'time-column' },
    });
    expect(await inspect(file, 'value')).toMatchObject({
      left: { _tag: 'SchemaConflict', column: 'value', found: 'VARCHAR', reason: 'time-column' },
    });
  });
});

it('a series has no two columns that differ in upper and lower case only: a later version could not say which it means', async () => {
  const file = parquet([
    { name: 'time', data: times, type: 'TIMESTAMP' },
    { name: 'v', data: [1, 2, 3], type: 'INT32' },
    { name: 'V', data: ['a', 'b', 'c'], type: 'STRING' },
  ]);
  expect(await inspect(file)).toMatchObject({
    left: { _tag: 'NotParquet', problem: expect.stringContaining('its columns "v" and "V" differ') },
  });
});

describe('a file that is not Parquet', () => {
  it.each([
    ['too short', Buffer.from('PAR1')],
    ['of another kind', Buffer.from('a,b\n1,2\n3,4\n5,6\n')],
    ['cut off', Buffer.from(parquet([{ name: 'time', data: times, type: 'TIMESTAMP' }]).subarray(0, 100))],
    [
      'with a broken footer',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(20, 255), Buffer.from('\x04\0\0\0PAR1')]),
    ],
  ])('is refused: %s', async (_how, bytes) => {
    expect(await inspect(bytes)).toMatchObject({ left: { _tag: 'NotParquet', path: '/x.parquet' } });
  });
});
