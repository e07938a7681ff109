import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { parseExactJson } from '../../../domain/documents/exact-json.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { thrownMessage } from '../../thrown-message.js';
import { type CollectedRow, csvRows } from '../collecting/csv-rows.js';
import type { HttpCollectConfig } from './http-collect-config.js';

/** An answer, taken apart. */
export interface ReadAnswer {
  /** The JSON document, for what is looked for in it; null for other formats. */
  readonly document: unknown;
  readonly rows: readonly CollectedRow[];
}

/** Rows of an answer in the configured format, or in words why there are none to be had. */
export const answerRows = (
  { body, headers }: Pick<HttpAnswer, 'body' | 'headers'>,
  { format = 'json', rows }: Pick<HttpCollectConfig, 'format' | 'rows'>,
): Either<string, ReadAnswer> => {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const decoder = decoderOf(charset);
  if (decoder === null) return left(`answered in the encoding ${charset}, which nobody here knows`);
  try {
    const text = decoder.decode(body);
    switch (format) {
      case 'csv':
        return right({ document: null, rows: csvRows(text) });
      case 'jsonl':
        return right({ document: null, rows: asRows(linesOf(text).map(parseExactJson), 'a line') });
      case 'json': {
        const document = parseExactJson(text);
        const found = rows === undefined ? document : valueAt(document, rows);
        if (Array.isArray(found)) return right({ document, rows: asRows(found, 'a row') });
        // Many servers say so that a list is empty, above all of a last page.
        if (rows !== undefined && found === null) return right({ document, rows: [] });
        return left(
          rows === undefined
            ? `answered what is not a list of rows: say in config.rows where they are${keysOf(document)}`
            : `answered nothing at config.rows (${rows}) that is a list${keysOf(document)}`,
        );
      }
    }
  } catch (thrown) {
    const page = /\bhtml\b/i.test(headers['content-type'] ?? '') ? 'HTML, a page for people, and ' : '';
    return left(`answered ${page}what is not ${FORMATS[format]}: ${thrownMessage(thrown)}`);
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

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

const isObject = (value: unknown): value is CollectedRow =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const asRows = (values: readonly unknown[], what: string): readonly CollectedRow[] => {
  if (!values.every(isObject)) throw new Error(`${what} of it is not an object`);
  return values;
};

const keysOf = (document: unknown): string =>
  isObject(document) ? `; it has the keys ${Object.keys(document).slice(0, 20).join(', ')}` : '';

/** The value at names between dots; undefined where there is none. */
export const valueAt = (document: unknown, path: string): unknown =>
  path.split('.').reduce((value: unknown, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return Reflect.get(value, name) as unknown;
  }, document);
