/** Compression of a content. */
export type Compression = 'gzip' | 'zstd' | 'brotli';

/** Compression by which bytes begin; null: none that can be told. Nothing that begins so is UTF-8. */
export const compressionOfBytes = (bytes: Uint8Array): Compression | null =>
  bytes[0] === 0x1f && bytes[1] === 0x8b
    ? 'gzip'
    : bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd
      ? 'zstd'
      : null;
