/* JSON as it is written: its rows are moved without a byte of them being said in another way. */

/** Form in which rows stand in a file: in one array, or one after another. */
export type JsonShape = 'array' | 'lines';

/** One value of the file, as it is written. */
export interface JsonRow {
  readonly text: Uint8Array;
  readonly shape: JsonShape;
}

const CODE = {
  quote: 0x22,
  comma: 0x2c,
  backslash: 0x5c,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
};

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isMark = (byte: number): boolean => byte === 0xef || byte === 0xbb || byte === 0xbf;
const opens = (byte: number): boolean => byte === CODE.openBracket || byte === CODE.openBrace;
const closes = (byte: number): boolean => byte === CODE.closeBracket || byte === CODE.closeBrace;

/**
 * The rows of a file, in order: the elements of the array that it is, or the values that it has one after another. What is not
 * JSON gives rows that are none; whoever reads the file otherwise counts them.
 */
export async function* jsonRows(content: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRow> {
  let shape: JsonShape | null = null;
  /** Brackets that are open inside of a row. */
  let depth = 0;
  let [isText, isEscaped] = [false, false];
  /** The beginning of a row that goes on in the next chunk; null between rows. */
  let begun: Uint8Array[] | null = null;
  for await (const chunk of content) {
    let from: number = begun === null ? -1 : 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      let ends = -1;
      if (begun === null && from === -1) {
        if (isSpace(byte) || byte === CODE.comma || (shape === null && isMark(byte))) continue;
        if (shape === null && byte === CODE.openBracket) {
          shape = 'array';
          continue;
        }
        if (shape === 'array' && byte === CODE.closeBracket) return;
        shape ??= 'lines';
        from = at;
        depth = opens(byte) ? 1 : 0;
        isText = byte === CODE.quote;
        continue;
      }
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === CODE.backslash) isEscaped = true;
        else if (byte === CODE.quote) {
          isText = false;
          if (depth === 0) ends = at + 1;
        }
      } else if (byte === CODE.quote) isText = true;
      else if (opens(byte)) depth += 1;
      else if (closes(byte) && depth > 0) {
        depth -= 1;
        if (depth === 0) ends = at + 1;
      } else if (depth === 0 && (isSpace(byte) || byte === CODE.comma || closes(byte))) ends = at;
      if (ends === -1) continue;
      yield rowOf([...(begun ?? []), chunk.subarray(from, ends)], shape ?? 'lines');
      [begun, from] = [null, -1];
      // What ended a number or a word is looked at again.
      if (ends === at) at -= 1;
    }
    if (from !== -1) begun = [...(begun ?? []), Uint8Array.from(chunk.subarray(from))];
  }
  if (begun !== null) yield rowOf(begun, shape ?? 'lines');
}

const rowOf = (parts: readonly Uint8Array[], shape: JsonShape): JsonRow => ({
  text: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts),
  shape,
});

/** The bytes of a file of these rows, in the shape in which they were. */
export async function* jsonFile(rows: AsyncIterable<JsonRow>): AsyncGenerator<Uint8Array> {
  let shape: JsonShape = 'lines';
  let count = 0;
  for await (const row of rows) {
    shape = row.shape;
    if (shape === 'array') yield Buffer.from(count === 0 ? '[\n' : ',\n');
    yield row.text;
    if (shape === 'lines') yield Buffer.from('\n');
    count += 1;
  }
  if (shape === 'array') yield Buffer.from('\n]\n');
}

/** The same row with one more member; what is not an object stays as it is. */
export const withMember = ({ text, shape }: JsonRow, name: string, value: string): JsonRow => {
  const last = text.lastIndexOf(CODE.closeBrace);
  if (text[0] !== CODE.openBrace || last === -1) return { text, shape };
  const isEmpty = text.subarray(1, last).every(isSpace);
  const member = `${isEmpty ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}}`;
  return { text: Buffer.concat([text.subarray(0, last), Buffer.from(member)]), shape };
};
