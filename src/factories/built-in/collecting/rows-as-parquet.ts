import type { SchemaElement } from 'hyparquet';

/** Types of columns that collectors write. Times are microseconds since the epoch, UTC. */
export type ColumnType = 'timestamp' | 'double' | 'bigint' | 'boolean' | 'text';

/** A column's values, one a row, in the form of its type; null where a row has none. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Tells whether every row has a value. */
  readonly isRequired?: boolean;
  readonly values: ArrayLike<bigint | number | boolean | string | null>;
}

/** Columns as one Parquet file. The writer is loaded with the first file. */
export const rowsAsParquet = async (columns: readonly ParquetColumn[]): Promise<Uint8Array> => {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(elementOf)],
      columnData: columns.map(({ name, values }) => ({ name, data: Array.from(values) })),
      createdBy: 'pond-steward',
    }),
  );
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
