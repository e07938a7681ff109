import { createHash, type Hash } from 'node:crypto';
import { smallSha256 } from './small-sha256.js';

/**
 * Bytes of which a process computes digests without Node's cryptography, which takes longer to load than that. What goes on
 * for longer is better off with it.
 */
let leftBeforeLoading = 8 * 1024;

/** A digest takes as long as one of so many bytes more. */
const BYTES_FOR_NOTHING = 64;

/** SHA-256 of bytes, or of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits (FIPS 180-4). */
export const sha256 = (content: Uint8Array | string): string => {
  if (content.length <= leftBeforeLoading) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    leftBeforeLoading -= bytes.length + BYTES_FOR_NOTHING;
    return smallSha256(bytes);
  }
  return createHash('sha256').update(content).digest('hex');
};

/** SHA-256 of what is written piece by piece, so that something long need not exist as a whole. Pieces are not kept. */
export const sha256Written = (write: (take: (piece: Uint8Array) => void) => void): string => {
  let only: Uint8Array | null = null;
  let hash: Hash | null = null;
  write((piece) => {
    if (only === null && hash === null) {
      only = piece.slice();
      return;
    }
    hash ??= createHash('sha256').update(only ?? NOTHING);
    only = null;
    hash.update(piece);
  });
  return digestOf(hash, only);
};

const digestOf = (hash: Hash | null, only: Uint8Array | null): string =>
  hash === null ? sha256(only ?? NOTHING) : hash.digest('hex');

const NOTHING = new Uint8Array();
