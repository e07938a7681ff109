import type { DuckDBResult, DuckDBValueConverter } from '@duckdb/node-api';
import type { Json } from '../../domain/documents/json.js';

/** The rows of an answer as JSON, batch by batch, while they are computed. */
export async function* jsonRows(answer: DuckDBResult): AsyncGenerator<readonly (readonly Json[])[]> {
  const { JsonDuckDBValueConverter } = await import('@duckdb/node-api');
  /** Whole numbers that JavaScript can hold exactly are numbers, wherever they stand. */
  const toJson: DuckDBValueConverter<Json> = (value, type, converter) =>
    typeof value === 'bigint'
      ? asNumber(value)
      : (JsonDuckDBValueConverter as DuckDBValueConverter<Json>)(value, type, converter);
  yield* answer.yieldConvertedRows(toJson);
}

const asNumber = (value: bigint): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};
