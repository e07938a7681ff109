import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';

const DECODERS: ReadonlyMap<
  string,
  (body: Uint8Array, bounds: { maxOutputLength: number }) => Promise<Buffer>
> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * The answer as it was before the server compressed it, which some do unasked; in words why it cannot be had. One that ends too early is
 * cut, as one without a coding would be.
 */
export const withoutCoding = async (
  answer: HttpAnswer,
  maxBytes: number,
): Promise<Either<string, HttpAnswer>> => {
  const coding = (answer.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity' || answer.isCut || answer.body.length === 0)
    return right(answer);
  const decode = DECODERS.get(coding);
  if (decode === undefined) return left(`answered in the coding ${coding}, which it was not asked for`);
  try {
    return right({ ...answer, body: await decode(answer.body, { maxOutputLength: maxBytes }) });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (code === 'ERR_BUFFER_TOO_LARGE')
      return left(`answered more than ${maxBytes} bytes, which is more than is read`);
    if (code === 'Z_BUF_ERROR') return right({ ...answer, isCut: true, body: new Uint8Array() });
    return left(`says that its answer is ${coding}, which it is not`);
  }
};
