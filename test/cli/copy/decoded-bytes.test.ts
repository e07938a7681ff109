import { describe, expect, test } from 'vitest';
import { NotDecodable } from '../../../src/queries/decompressed.js';
import { asUtf8 } from '../../../src/series/decoded-bytes.js';

/** The text, or the fault, of bytes that come in pieces of a size. */
const decoded = async (bytes: Uint8Array, encoding: string, size: number): Promise<string | NotDecodable> => {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of asUtf8(pieces(), encoding)) chunks.push(chunk);
  } catch (thrown) {
    if (thrown instanceof NotDecodable) return thrown;
    throw thrown;
  }
  return Buffer.concat(chunks).toString();
};

const TEXT = 'id,name\n1,Zürich\n2,東京\n3,🌊\n';
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('text of a file that comes in', () => {
  test.each([1, 2, 3, 5, 1000])('is the same however its bytes are cut into pieces (%i)', async (size) => {
    expect(await decoded(Buffer.from(TEXT), 'utf-8', size)).toBe(TEXT);
    expect(await decoded(utf16(TEXT), 'utf-16le', size)).toBe(TEXT);
    expect(await decoded(Buffer.from([0x93, 0x8c, 0x8b, 0x9e, 0x0a]), 'shift_jis', size)).toBe('東京\n');
    expect(await decoded(Buffer.from([0x5a, 0xfc, 0x72]), 'latin1', size)).toBe('Zür');
  });

  const half = utf16('\u{d83c}');
  test.each([
    ['half a character of UTF-16', 'utf-16le', Buffer.concat([utf16('a\nb'), half, utf16('c\n')]), 2],
    ['an odd byte at the end of UTF-16', 'utf-16le', Buffer.concat([utf16('a\nb\n'), Buffer.from('c')]), 3],
    ['a byte that begins nothing in Shift_JIS', 'shift_jis', Buffer.from([0x61, 0x0a, 0x61, 0xfd, 0x0a]), 2],
    ['half a character at the end of GB18030', 'gb18030', Buffer.from([0x61, 0x0a, 0x0a, 0x81]), 3],
    ['a byte of Latin-1 in UTF-8', 'utf-8', Buffer.from([0x61, 0x0a, 0x5a, 0xfc, 0x72, 0x0a]), 2],
    ['half a character at the end of UTF-8', 'utf-8', Buffer.from([0x0a, 0x0a, 0xe6, 0x9d]), 3],
  ] as const)('%s is refused with its line and a remedy, not replaced', async (_, encoding, bytes, line) => {
    for (const size of [1, 2, 3, 1000]) {
      const fault = await decoded(bytes, encoding, size);
      expect(fault).toBeInstanceOf(NotDecodable);
      expect(fault).toMatchObject({
        message: expect.stringContaining('it is not '),
        line,
        remedy: expect.stringContaining('--csv-encoding'),
      });
    }
  });

  test('whose byte order mark has the other order of bytes is refused, and not taken for other characters', async () => {
    const marked = utf16(`\u{feff}${TEXT}`);
    const turned = Buffer.from(marked).swap16();
    for (const size of [1, 3, 1000]) {
      expect(await decoded(marked, 'utf-16le', size)).toContain(TEXT);
      expect(await decoded(turned, 'utf-16be', size)).toContain(TEXT);
      expect(await decoded(marked, 'utf-16be', size)).toMatchObject({
        line: 1,
        remedy: 'say --csv-encoding utf-16le',
      });
      expect(await decoded(turned, 'utf-16le', size)).toMatchObject({
        line: 1,
        remedy: 'say --csv-encoding utf-16be',
      });
    }
  });
});
