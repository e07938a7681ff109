import { createHash, hash } from 'node:crypto';

/**
 * SHA-256 of bytes, or of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits (FIPS 180-4). Most of what is hashed is short, and an object
 * for each hash takes longer than the hash.
 */
export const sha256 = (content: Uint8Array | string): string => hash('sha256', content, 'hex');

/** SHA-256 of what is written piece by piece, so that something long need not exist as a whole. Pieces are not kept. */
export const sha256Written = (write: (take: (piece: Uint8Array) => void) => void): string => {
  const whole = createHash('sha256');
  write((piece) => whole.update(piece));
  return whole.digest('hex');
};
