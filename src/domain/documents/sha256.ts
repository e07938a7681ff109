import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits (FIPS 180-4). */
export const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** SHA-256 of what is written piece by piece, so that something long need not exist as a whole. Pieces are not kept. */
export const sha256Written = (write: (take: (piece: Uint8Array) => void) => void): string => {
  const hash = createHash('sha256');
  write((piece) => hash.update(piece));
  return hash.digest('hex');
};
