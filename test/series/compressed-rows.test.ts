import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompressed, NotDecodable } from '../../src/queries/decompressed.js';
import { xxh64 } from '../../src/queries/xxh64.js';
import { zstdParts } from '../../src/queries/zstd-parts.js';

const FRAME = [0x28, 0xb5, 0x2f, 0xfd];
const MIB = 1024 * 1024;

const block = (kind: 'raw' | 'run', isLast: boolean, size: number, content: readonly number[]) => {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | ((kind === 'run' ? 1 : 0) << 1) | (isLast ? 1 : 0), 0, 3);
  return Buffer.from([...header, ...content]);
};
const raw = (text: string, isLast: boolean) => block('raw', isLast, text.length, [...Buffer.from(text)]);
/** A frame with a window of so many times two, after 2^10. */
const frame = (exponent: number, ...blocks: readonly Buffer[]) =>
  Buffer.concat([Buffer.from([...FRAME, 0, exponent << 3]), ...blocks]);

const piecewise = async function* (bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

const read = async (
  bytes: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd' | 'brotli',
  limits?: { readonly free: number; readonly times: number },
) => {
  const pieces: Uint8Array[] = [];
  for await (const piece of decompressed(bytes, compression, limits)) pieces.push(piece);
  return pieces;
};
const textOf = async (bytes: Buffer, size: number) =>
  Buffer.concat(await read(piecewise(bytes, size), 'zstd')).toString();

/** What `zstd --check -19` makes of 300 lines. */
const OF_PROGRAM =
  'KLUv/QRorR8A+ozADwmwOyRJFIyZ5nT7APcA9gD1htEmeuOF1Eb4FIwG6hVvVCsGVasoYqXi/DpFqhTLGkUj98WT10WIKBRt' +
  '6RF/UiNGTYsoQyXiRHWIZKsQ66xBtLqeeFMTQVwg+u8ND1EbhkVrKCSl4ch0hnSqDAuqMTSrfnhk9RDmCkNHT3i7JoxzSyj1' +
  'knAmOkIKqQjL0xDaTS+8oloIVAWhxXrB/2rBaAXFSsEhd4IkrwTr0QgaSB88kzoINYWgh3rno2pn2FqnnJXOqeucNJWzwo3T' +
  '/P68e32CReE0Sc+8TM2MU8sUqJI5Vh2TyCpmyTVMe28euDbhXDBd7/ETNUZIi+IpcW46pKIKa6pBC+t5vppQCDWmUJTGHJHO' +
  'mPSpjFlAjTHNqB/zqOoxYawwpuN6Yt41MeNaYkq5JObMO2JSREXMsjTEtJNezKupxQSigpiW6oX5Wy3MgGuFKXalMIc6YZK4' +
  'Emb9jTANog/zLOowoaQQpmd6Nx9Uuxmu1k25Kt2css5NmqvcrGjcNLu/eef6JtgLN03Rs3mRms34tGwKUMnmGHVsElXFZok1' +
  'bNqvt3m1TbiCTZd7YH5eAzMiWmCKpQTmnHTApJoKmDXUANOiejDPVoMJcAUwbdc7nmrHELeO8peOA9E5kkXlWCSNo8n0xzvV' +
  'R3AVjr7qGV9WM8ZcyyhRMo7dMdK5YqyPqf0MU+unHJV+TlXnJ41VflZc46e5/3lX/wRz4afpPZ+XqPmMS8unwJR8jk3HJxFV' +
  'fJZUw6fdep8HV/uEu4JPVw/Oj2twRrwFpzhKcM5FB04qqcBZMw04LaiH81w1nABWgNNmvTNPVzszpHWm3KUzB945k+yVM4ui' +
  'caaJ9Gfepz4TTIUzfdQz81U1M2OsZabElcwcd8ykq5hZ5YaZNu/NvIjaTLgUzDRMr8zb1MoMolaZIlUqc26dMgmuUmbZNco0' +
  '6ss8cV0mxAtl2tEj8xc1MqOkRabMlMicoA6Z5KqQWVcNMq2sJ/PmajJBCmT67o15eG3MsDe0Ve/Ok9XuDLnWnfLSnQPu3Enm' +
  'yp1Fb9xpEv2dd6nvBE/hTt/07HxRzc6YatkpYSU7x9exk+4qdlY17LRxb+fFazvhUbDTIL06b1KrM2hadYpQqc55deoksEqd' +
  'Zdao0+j6Ok/qOiFcqNN+j87fa3RGRYtOGSnROTEdOslUobOOGnRaVU/njdV0glyBTr8358G1OcPcmlPopTlHojMnXSpzFkxj' +
  'TrPp5zyiek6YKszpsJ6c99XkjLuWnFIlOWfckZPiFTnL0ZDTLno5r6SWE2gKclqoF+dftTgDrBWnmJXiHLpOnCSVOOtuxGnw' +
  'Ps6z13FCRSFOj/R+BgBfqaXG';

/** Checksum of a frame's content. */
const sumOf = (text: string) => {
  const sum = xxh64();
  sum.add(Buffer.from(text));
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(sum.low32());
  return bytes;
};

/** 33 MiB in about 1,000 bytes. */
const RUNS = 264;
const bomb = frame(
  11,
  raw('a\n', false),
  ...Array.from({ length: RUNS }, () => block('run', false, 128 * 1024, [0x31])),
  raw('\n', true),
);

test('frames of zstd are read however they come in pieces, with others and what is to be skipped between them', async () => {
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
  const oneSegment = Buffer.concat([Buffer.from([...FRAME, 0x20, 4]), raw('seg\n', true)]);
  const checked = Buffer.concat([Buffer.from([...FRAME, 0x04, 0x58]), raw('sum\n', true), sumOf('sum\n')]);
  const many = Buffer.concat([
    frame(11, raw('one,', false), block('run', false, 3, [0x78]), raw('\n', true)),
    skipped,
    oneSegment,
    checked,
    frame(11, raw('two\n', true)),
  ]);
  for (const size of [1, 2, 3, 7, 18, many.length])
    expect(await textOf(many, size)).toBe('one,xxx\nseg\nsum\ntwo\n');
});

test('few bytes of zstd that become many are handed on block by block, not held', async () => {
  const pieces = await read(piecewise(bomb, 64 * 1024), 'zstd');
  expect(pieces.reduce((size, { length }) => size + length, 0)).toBe(RUNS * 128 * 1024 + 3);
  expect(Math.max(...pieces.map(({ length }) => length))).toBe(128 * 1024);
  // The decompressor gets one block, and has to give what it becomes, before the next.
  const blocks: Uint8Array[] = [];
  for await (const { bytes } of zstdParts(piecewise(bomb, 64 * 1024))) blocks.push(bytes);
  expect(blocks.length).toBe(1 + RUNS + 2 + 1);
  expect(Buffer.concat(blocks)).toEqual(bomb);
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(8 * MIB))],
  ['brotli', brotliCompressSync(Buffer.alloc(8 * MIB))],
  ['zstd', bomb],
] as const)(
  '%s that becomes far more than it is, and much, is refused before it has come',
  async (compression, bytes) => {
    const limits = { free: 4 * MIB, times: 200 };
    let made = 0;
    const whole = async () => {
      for await (const piece of decompressed(piecewise(bytes, 64), compression, limits)) made += piece.length;
    };
    await expect(whole()).rejects.toThrow(
      /^it becomes more than 200 times as much as it is, and more than 4 MiB$/,
    );
    expect(made).toBeLessThanOrEqual(4 * MIB);
    // Neither alone is a fault.
    await read(piecewise(bytes, 64), compression, { free: 64 * MIB, times: 1 });
    await read(piecewise(bytes, 64), compression, { free: 0, times: 1_000_000 });
  },
);

test.each([
  ['a window of 2 GiB', frame(21, raw('a\n', true)), 'its window is larger than 128 MiB'],
  ['a window of 2^41 bytes', frame(31, raw('a\n', true)), 'its window is larger than 128 MiB'],
  [
    'a content of 2^40 bytes in one segment',
    Buffer.concat([Buffer.from([...FRAME, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0]), raw('a\n', true)]),
    'its window is larger than 128 MiB',
  ],
  ['a block of 2 MiB', frame(11, block('run', true, 2 * MIB - 1, [0x31])), 'a block is too large'],
  ['an end in a block', frame(11, raw('a\n', true)).subarray(0, -1), 'unexpected EOF'],
  ['an end before the last block', frame(11, raw('a\n', false)), 'unexpected EOF'],
  ['an end in what is to be skipped', Buffer.from([0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1]), 'unexpected EOF'],
  ['no zstd', Buffer.from('time,value\n'), 'invalid zstd data'],
])('%s is refused at once', async (_what, bytes, problem) => {
  const fails = read(piecewise(bytes, 5), 'zstd');
  await expect(fails).rejects.toThrow(NotDecodable);
  await expect(fails).rejects.toThrow(problem);
});

test('a content of zstd that is not the one that was compressed is refused, in whichever frame it stands', async () => {
  const checked = (content: string, sum: Buffer) =>
    Buffer.concat([Buffer.from([...FRAME, 0x04, 0x58]), raw(content, true), sum]);
  const whole = checked('a,1\n', sumOf('a,1\n'));
  const other = checked('a,2\n', sumOf('a,1\n'));
  expect(await textOf(Buffer.concat([whole, whole]), 7)).toBe('a,1\na,1\n');
  for (const bytes of [other, Buffer.concat([whole, other]), Buffer.concat([other, whole])])
    await expect(read(piecewise(bytes, 7), 'zstd')).rejects.toThrow(
      'it is not whole zstd: what it becomes does not have its checksum',
    );
});

test('what a program has compressed with checksums is read, and not where a byte of it has changed', async () => {
  const lines = Array.from({ length: 300 }, (_, n) => `${n},${(n * 7919) % 1000}\n`).join('');
  const compressed = Buffer.from(OF_PROGRAM, 'base64');
  expect(await textOf(compressed, 1000)).toBe(lines);
  const kept = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const changed = Buffer.from(compressed);
      const at = 9 + index * 10;
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      return read(piecewise(changed, 1000), 'zstd').then(
        (pieces) => Buffer.concat(pieces).toString() !== lines,
        () => false,
      );
    }),
  );
  expect(kept.filter((isOther) => isOther)).toEqual([]);
});

test('what the source of the bytes throws is not told as a fault of theirs', async () => {
  const broken = async function* () {
    yield bomb.subarray(0, 20);
    throw new Error('the disk');
  };
  for (const compression of ['zstd', 'gzip'] as const) {
    const source =
      compression === 'zstd'
        ? broken()
        : (async function* () {
            yield gzipSync('a').subarray(0, 5);
            throw new Error('the disk');
          })();
    await expect(read(source, compression)).rejects.toThrow('the disk');
  }
});
