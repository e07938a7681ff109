import type { AsyncBuffer } from 'hyparquet';
import type { PageChecks } from './page-checks.js';

/** The bytes of a file, without waiting. */
export interface RangedFile extends AsyncBuffer {
  readonly slice: (start: number, end?: number) => ArrayBuffer;
}

/**
 * Access of the parser to a file that was looked at before. It throws at once: the parser asks for many parts and awaits
 * them one after another, so that the second rejected promise would be nobody's.
 */
export const checkedPages = ({ byteLength, slice }: RangedFile, { check }: PageChecks): RangedFile => ({
  byteLength,
  slice: (start, end = byteLength) => {
    if (!(start >= 0 && start <= end && end <= byteLength)) throw new Error(`no bytes ${start} to ${end}`);
    const part = slice(start, end);
    check(new Uint8Array(part), start);
    return part;
  },
});
