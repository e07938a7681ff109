import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { SeriesPart } from '../tinyfs/series-format.js';
import { openParquet } from './parquet-file.js';

/** Contents up to this size are looked through here; larger ones are left to the engine, which is faster then. Bytes. */
const LOOKED_THROUGH = 4 * 1024 * 1024;

/** Tells whether the rows of a version are known to be in the order of their times, those without one last. */
export const isInOrder = async (
  { content, size }: Pick<SeriesPart, 'content' | 'size'>,
  timeColumn: string | null,
): Promise<boolean> => {
  if (timeColumn === null) return true;
  if (size > LOOKED_THROUGH) return false;
  const bytes = await collected(content);
  const file = await openParquet(
    { size: bytes.length, read: (offset, length) => right(bytes.subarray(offset, offset + length)) },
    '',
  )();
  if (isLeft(file)) return true;
  const { metadata, readColumn } = file.right;
  const name = metadata.schema.find(
    (element) => element.name.toLowerCase() === timeColumn.toLowerCase(),
  )?.name;
  if (name === undefined) return true;
  const values = await readColumn(name, 0, Number(metadata.num_rows))();
  return isLeft(values) || areAscending(values.right);
};

const areAscending = (values: readonly unknown[]): boolean => {
  let last: bigint | null = null;
  let hasEnded = false;
  for (const value of values) {
    if (typeof value !== 'bigint') hasEnded = true;
    else if (hasEnded || (last !== null && value < last)) return false;
    else last = value;
  }
  return true;
};

const collected = async (content: ByteStream): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
};
