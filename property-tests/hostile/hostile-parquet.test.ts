import * as fc from 'fast-check';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { openParquet, readRecords } from '../../src/tlogfs/parquet/parquet-reading.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';
import {
  ALL_THERE,
  fileOf,
  i32,
  i64,
  pageV1,
  pageV2,
  ROWS,
  sized,
  withFooter,
} from '../../test/tlogfs/parquet-by-hand.js';

/** Bytes of which large numbers are made, among others. */
const bytes = fc
  .array(fc.oneof(fc.nat(255), fc.nat(8), fc.constantFrom(0x7f, 0x80, 0xfe, 0xff)), { maxLength: 40 })
  .map((all): readonly number[] => all);

const encoding = fc.nat(10);
const values = fc.oneof(fc.nat(ROWS), fc.nat(2 ** 31 - 1));

/** Reads it, be it by the list of pages; a run that the parser could not bear would end the test run itself. */
const settles = async (content: Uint8Array): Promise<void> => {
  const files = { ...nodeFileSystem, readFile: () => () => right(content) };
  for (const range of [
    { start: 0, end: ROWS },
    { start: 11, end: 12 },
  ]) {
    try {
      const parquet = await openParquet(files, '/file', content.length);
      await readRecords(parquet, range, ['n']);
    } catch (error) {
      expect(error).toMatchObject({
        _tag: expect.stringMatching(/^(CorruptData|UnsupportedData)$/),
        path: '/file',
      });
    }
  }
};

const MANY = times(2000);

describe('any bytes are rows, or refused by a tagged error', () => {
  prop([bytes, encoding, values], MANY)('in a page of version 1', async (content, kind, count) => {
    await settles(fileOf({ pages: pageV1(content, kind, count) }));
  });

  prop([bytes, encoding], MANY)('after the levels of version 1', async (content, kind) => {
    await settles(fileOf({ pages: pageV1([...sized(ALL_THERE), ...content], kind) }));
  });

  prop([bytes, bytes, encoding, values], MANY)(
    'in a page of version 2',
    async (levels, rest, kind, count) => {
      await settles(fileOf({ pages: pageV2(levels, rest, kind, count) }));
    },
  );

  prop([bytes], MANY)('as the pages of a column', async (pages) => {
    await settles(fileOf({ pages }));
  });

  prop([bytes, bytes, fc.nat(60), fc.nat(60)], MANY)(
    'where the list of pages leads',
    async (content, list, offset, size) => {
      const pages = pageV1([...sized(ALL_THERE), ...content], 0);
      const index = (start: number) => [
        ...[0x19, 0x2c, ...i64(start), ...i32(pages.length), ...i64(0), 0],
        ...[...i64(start + offset), ...i32(size), ...i64(10), 0],
        ...[0, ...list],
      ];
      await settles(fileOf({ pages, index }));
    },
  );

  prop([bytes], MANY)('as the list of pages', async (list) => {
    await settles(fileOf({ pages: pageV1(sized(ALL_THERE), 0), index: () => list }));
  });

  prop([bytes], MANY)('as the footer', async (footer) => {
    await settles(withFooter(footer));
  });
});
