import type { SchemaElement } from 'hyparquet';

/** Types of columns that collectors write. Times are microseconds since the epoch, UTC. */
export type ColumnType = 'timestamp' | 'double' | 'bigint' | 'boolean' | 'text';

/** A column of rows that count from 0. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Tells whether every row has a value. */
  readonly isRequired?: boolean;
  /** The value in a row in the form of the type; null where it has none. */
  readonly valueIn: (row: number) => bigint | number | boolean | string | null;
}

/** Rows of one row group: only the values of so many are in memory besides what they are made of. */
const GROUP = 16_384;

/** Columns as one Parquet file. The writer is loaded with the first file. */
export const rowsAsParquet = async (rows: number, columns: readonly ParquetColumn[]): Promise<Uint8Array> => {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(elementOf)],
    createdBy: 'pond-steward',
  });
  for (let begin = 0; begin < rows; begin += GROUP) {
    const length = Math.min(GROUP, rows - begin);
    const columnData = columns.map(({ name, valueIn }) => ({
      name,
      data: Array.from({ length }, (_, row) => valueIn(begin + row)),
    }));
    await file.write({ columnData, rowGroupSize: length });
  }
  await file.finish();
  return writer.getBytes();
};

const elementOf = ({ name, type, isRequired = false }: ParquetColumn): SchemaElement => ({
  name,
  repetition_type: isRequired ? 'REQUIRED' : 'OPTIONAL',
  ...TYPES[type],
});

const TYPES: Readonly<Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>>> = {
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  double: { type: 'DOUBLE' },
  bigint: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};
