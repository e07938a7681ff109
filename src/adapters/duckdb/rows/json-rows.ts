import type { DuckDBResult, DuckDBValueConverter } from '@duckdb/node-api';
import type { Json } from '../../../domain/documents/json.js';
import { jsonSize } from '../../../domain/documents/json-size.js';
import type { QueryFailed } from '../../../ports/query-engine.js';

const MI = 1024 * 1024;

/** Characters of rows that are handed on together, about: whoever shows them makes one text of them. */
const PIECE = 4 * MI;

/** Characters of one row, at most: shown to people, each may become six. */
const MOST_OF_ROW = 64 * MI;

/** The rows of an answer as JSON, some at a time, while they are computed. */
export async function* jsonRows(answer: DuckDBResult): AsyncGenerator<readonly (readonly Json[])[]> {
  const { JsonDuckDBValueConverter } = await import('@duckdb/node-api');
  /** Whole numbers that JavaScript can hold exactly are numbers, wherever they stand. */
  const toJson: DuckDBValueConverter<Json> = (value, type, converter) =>
    typeof value === 'bigint'
      ? asNumber(value)
      : (JsonDuckDBValueConverter as DuckDBValueConverter<Json>)(value, type, converter);
  for await (const rows of answer.yieldConvertedRows(toJson)) {
    let [from, size] = [0, 0];
    for (const [at, row] of rows.entries()) {
      const ofRow = jsonSize(row);
      if (ofRow > MOST_OF_ROW) throw tooLarge();
      if (at > from && size + ofRow > PIECE) {
        yield rows.slice(from, at);
        [from, size] = [at, 0];
      }
      size += ofRow;
    }
    yield from === 0 ? rows : rows.slice(from);
  }
}

const tooLarge = (): QueryFailed => ({
  _tag: 'QueryFailed',
  message: `a row of the answer has more than ${MOST_OF_ROW / MI} Mi characters, which are not shown`,
  remedy: 'as a file it may have more: --format csv, or parquet',
});

const asNumber = (value: bigint): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};
