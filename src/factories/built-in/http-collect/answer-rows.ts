import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { parseExactJson } from '../../../domain/documents/exact-json.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { thrownMessage } from '../../thrown-message.js';
import { type CollectedRow, csvRows } from '../collecting/csv-rows.js';
import { type CutList, cutList, LIST } from './cut-list.js';
import type { HttpCollectConfig } from './http-collect-config.js';

/** An answer, taken apart. */
export interface ReadAnswer {
  /** The JSON document, for what is looked for in it; null for other formats. Its rows may not be in it. */
  readonly document: unknown;
  /** Number of rows. */
  readonly rows: number;
}

/** Keys of the configuration that say how an answer is read. */
type Reading = Pick<HttpCollectConfig, 'format' | 'nulls' | 'rows' | 'page' | 'cursor'>;

/** Hands over the rows of an answer in the configured format, one after another, or says in words why there are none to be had: then those before count no more. */
export const answerRows = (
  { body, headers }: Pick<HttpAnswer, 'body' | 'headers'>,
  reading: Reading,
  take: (row: CollectedRow) => void,
): Either<string, ReadAnswer> => {
  const { format = 'json', nulls = [] } = reading;
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const decoder = decoderOf(charset);
  if (decoder === null) return left(`answered in the encoding ${charset}, which nobody here knows`);
  try {
    const text = decoder.decode(body);
    switch (format) {
      case 'csv':
        return right({ document: null, rows: takeAll(csvRows(text, nulls), 'a row', take) });
      case 'jsonl':
        return right({ document: null, rows: takeAll(parsedLines(text), 'a line', take) });
      case 'json':
        return jsonRows(text, reading, take);
    }
  } catch (thrown) {
    const page = /\bhtml\b/i.test(headers['content-type'] ?? '') ? 'HTML, a page for people, and ' : '';
    return left(`answered ${page}what is not ${FORMATS[format]}: ${thrownMessage(thrown)}`);
  }
};

const jsonRows = (
  text: string,
  reading: Reading,
  take: (row: CollectedRow) => void,
): Either<string, ReadAnswer> => {
  const { rows } = reading;
  const cut = looksIntoRows(reading) ? null : cutList(text, rows?.split('.') ?? []);
  const document = parsedRest(cut, text);
  const found = rows === undefined ? document : valueAt(document, rows);
  if (cut !== null && found === LIST) {
    let count = 0;
    for (const piece of cut.pieces) count += takeAll(parsedPiece(piece, text), 'a row', take);
    return right({ document, rows: count });
  }
  if (Array.isArray(found)) return right({ document, rows: takeAll(found, 'a row', take) });
  // Many servers say so that a list is empty, above all of a last page.
  if (rows !== undefined && found === null) return right({ document, rows: 0 });
  return left(
    rows === undefined
      ? `answered what is not a list of rows: say in config.rows where they are${keysOf(document)}`
      : `answered nothing at config.rows (${rows}) that is a list${keysOf(document)}`,
  );
};

/** Tells whether something else that is looked for in an answer may be inside its rows. */
const looksIntoRows = ({ rows, page, cursor }: Reading): boolean =>
  [page?.next, page?.cursor, cursor?.from].some(
    (path) => path !== undefined && (rows === undefined || `${path}.`.startsWith(`${rows}.`)),
  );

/** The document without its list. An error is one of the whole text, in which its place is. */
const parsedRest = (cut: CutList | null, text: string): unknown => {
  try {
    return parseExactJson(cut?.rest ?? text);
  } catch {
    return parseExactJson(text);
  }
};

const parsedPiece = (piece: string, text: string): readonly unknown[] => {
  try {
    return parseExactJson(piece) as readonly unknown[];
  } catch (thrown) {
    parseExactJson(text);
    throw thrown;
  }
};

/** Null where there is no encoding of that name. */
const decoderOf = (charset: string): InstanceType<typeof TextDecoder> | null => {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return null;
  }
};

const FORMATS = { json: 'JSON', jsonl: 'JSON lines', csv: 'CSV' };

function* parsedLines(text: string): Generator<unknown> {
  for (let begin = 0; begin < text.length; ) {
    const found = text.indexOf('\n', begin);
    const end = found === -1 ? text.length : found;
    const line = text.slice(begin, end);
    if (line.trim() !== '') yield parseExactJson(line);
    begin = end + 1;
  }
}

const isObject = (value: unknown): value is CollectedRow =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns how many there were. */
const takeAll = (values: Iterable<unknown>, what: string, take: (row: CollectedRow) => void): number => {
  let count = 0;
  for (const value of values) {
    if (!isObject(value)) throw new Error(`${what} of it is not an object`);
    take(value);
    count += 1;
  }
  return count;
};

const keysOf = (document: unknown): string =>
  isObject(document) ? `; it has the keys ${Object.keys(document).slice(0, 20).join(', ')}` : '';

/** The value at names between dots; undefined where there is none. */
export const valueAt = (document: unknown, path: string): unknown =>
  path.split('.').reduce((value: unknown, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return Reflect.get(value, name) as unknown;
  }, document);
