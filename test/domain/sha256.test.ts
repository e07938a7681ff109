import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256, sha256Written } from '../../src/domain/documents/sha256.js';
import { smallSha256 } from '../../src/domain/documents/small-sha256.js';

const digestByNode = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('digests are those of FIPS 180-4', () => {
  const ofText = (text: string) => smallSha256(Buffer.from(text));
  expect(ofText('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(ofText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(ofText('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
  expect(smallSha256(Buffer.alloc(1_000_000, 'a'))).toBe(
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  );
});

test('a digest is the one that Node computes, whatever the length', () => {
  for (let length = 0; length < 400; length += 1) {
    const bytes = randomBytes(length);
    expect(smallSha256(bytes)).toBe(digestByNode(bytes));
  }
});

test('a part of a larger buffer is hashed, and nothing around it', () => {
  const whole = randomBytes(1000);
  const part = new Uint8Array(whole.buffer, whole.byteOffset + 3, 500);
  expect(smallSha256(part)).toBe(digestByNode(part));
});

test('a digest is the same before and after a process goes over to Node for it, of bytes and of text', () => {
  const text = 'ä€🜚 '.repeat(30);
  const expected = digestByNode(Buffer.from(text));
  const found = new Set<string>();
  for (let count = 0; count < 100; count += 1) {
    found.add(sha256(text));
    found.add(sha256(Buffer.from(text)));
  }
  expect([...found]).toEqual([expected]);
});

test('what is written in pieces has the digest of the whole, and pieces may be written over', () => {
  for (const sizes of [[], [0], [7], [7, 0, 9], [70_000], [1, 70_000, 3]]) {
    const whole: Uint8Array[] = [];
    const digest = sha256Written((take) => {
      const room = new Uint8Array(70_000);
      for (const size of sizes) {
        room.set(randomBytes(size));
        whole.push(room.slice(0, size));
        take(room.subarray(0, size));
        room.fill(0);
      }
    });
    expect(digest).toBe(digestByNode(Buffer.concat(whole)));
  }
});
