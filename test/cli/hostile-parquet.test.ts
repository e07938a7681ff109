// A Parquet file of the host's is looked at before a parser makes room for what it says.

import * as fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { skipValue } from '../../src/parquet/thrift-walking.js';
import { appendedVersion } from '../support/appended-version.js';
import { damage } from '../support/hostile-bytes.js';
import { decimalsOf } from '../tlogfs/parquet-by-hand.js';

/** Everything that is found out about a series before it is taken in. */
const inspect = (bytes: Uint8Array) => appendedVersion(bytes);

const series = (): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        {
          name: 'timestamp',
          data: Array.from({ length: 500 }, (_, at) => BigInt(1_700_000_000 + at * 7)),
          type: 'INT64',
        },
        { name: 'v', data: Array.from({ length: 500 }, (_, at) => at), type: 'INT32' },
      ],
      statistics: false,
    }),
  );

test('a file as it was written is read, with its times from the column itself', async () => {
  expect(await inspect(series())).toMatchObject({ right: { min: 1_700_000_000_000_000 } });
});

test('a list that says it has more items than the footer has bytes is refused', async () => {
  // Field 2, the schema: a list of 2^60 truth values, bytes, numbers, strings, lists or structs. Going through them would not end.
  for (const type of [1, 3, 4, 5, 6, 7, 8, 9, 12]) {
    const footer = Buffer.from([0x29, 0xf0 | type, ...Array.from({ length: 8 }, () => 0x80), 0x10]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    const file = Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
    expect(await inspect(file)).toMatchObject({ left: { _tag: 'NotParquet' } });
  }
});

test('a list of single bytes is walked through no further than the bytes go', () => {
  // Neither a stop nor an item of its own would end it: 2^31 - 1 items of type byte.
  const bytes = Uint8Array.from([0xf3, 0xff, 0xff, 0xff, 0xff, 0x07]);
  let moves = 0;
  const cursor = {
    bytes,
    place: 0,
    get at() {
      return this.place;
    },
    set at(place: number) {
      moves += 1;
      if (moves > 100) throw new Error('it goes on and on');
      this.place = place;
    },
  };
  expect(() => skipValue(cursor, 9)).toThrow('cut off');
});

test('a footer that says it is longer than the file is refused', async () => {
  const cut = series();
  cut.writeUInt32LE(0x7fffffff, cut.length - 8);
  expect(await inspect(cut)).toMatchObject({
    left: { _tag: 'NotParquet', problem: 'the footer is longer than the file' },
  });
});

/** The file with another number in the place of its 500 rows: in as many places of the footer as are to say so. */
const saying = (rows: readonly number[], places: number): Buffer => {
  const whole = series();
  const start = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  // A whole number of 64 bits, the field after the one before: twice 500, seven bits a byte.
  const said = Buffer.from([0x16, 0xe8, 0x07]);
  let footer = whole.subarray(start, -8);
  for (let place = 0, at = footer.indexOf(said); place < places && at >= 0; place += 1) {
    footer = Buffer.concat([
      footer.subarray(0, at + 1),
      Buffer.from(rows),
      footer.subarray(at + said.length),
    ]);
    at = footer.indexOf(said, at + rows.length);
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([whole.subarray(0, start), footer, length, Buffer.from('PAR1')]);
};

test('numbers of rows that do not agree, or that no file of its size has, are refused', async () => {
  const refused = (problem: string) => ({
    left: { _tag: 'NotParquet', problem: expect.stringContaining(problem) },
  });
  // 2^60, and 499.
  const most = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
  expect(await inspect(saying(most, 100))).toMatchObject(refused('rows in'));
  expect(await inspect(saying([0xe6, 0x07], 1))).toMatchObject(refused('in groups'));
  expect(await inspect(saying([0xe8, 0x07], 100))).toMatchObject({ right: {} });
});

test('statistics of a decimal that no decimal has are refused before a number is made of them', async () => {
  const refused = { left: { problem: expect.stringContaining('statistics of a decimal') } };
  expect(await inspect(decimalsOf(50_000))).toMatchObject(refused);
  // Then it is refused for what else it lacks.
  expect(await inspect(decimalsOf(16))).not.toMatchObject(refused);
});

test('a damaged file is read or refused, whatever the damage', async () => {
  const whole = series();
  await fc.assert(
    fc.asyncProperty(damage, async (spoil) => {
      const outcome = await inspect(spoil(whole));
      if ('left' in outcome) expect(['NotParquet', 'SchemaConflict']).toContain(outcome.left._tag);
    }),
    { numRuns: 300 },
  );
});
