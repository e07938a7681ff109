import type { SchemaElement } from 'hyparquet';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { storedAttributes } from './forgotten-attributes.js';

/** A row of the op log as it is stored: what happened to a node, and the bytes where they are inline. */
export interface OpLogRow {
  readonly row: NodeRow;
  readonly content: Uint8Array | null;
}

/** A value of a column, as Parquet's types have it. */
export type StoredValue = string | bigint | boolean | Uint8Array | null;

type DeltaType = 'string' | 'long' | 'timestamp' | 'boolean' | 'binary';

/** A column of the op log. */
export interface Column {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  /** Minimum and maximum are kept, whole: for what one looks for, not for what may be large or says nothing. */
  readonly statistics: boolean;
  readonly read: (stored: OpLogRow, pondId: string) => StoredValue;
}

/** The columns of the op log, in their order. */
export const OP_LOG_COLUMNS: readonly Column[] = [
  withoutStatistics(column('pond_id', 'string', (_, pondId) => pondId)),
  column('part_id', 'string', ({ row }) => row.partId),
  column('node_id', 'string', ({ row }) => row.nodeId),
  column('name', 'string', ({ row }) => row.name),
  column('file_type', 'string', ({ row }) => row.fileType),
  column('version', 'long', ({ row }) => BigInt(row.version)),
  column('timestamp', 'timestamp', ({ row }) => BigInt(row.timestamp)),
  column('txn_seq', 'long', ({ row }) => BigInt(row.txnSeq)),
  withoutStatistics(column('deleted', 'boolean', ({ row }) => row.deleted)),
  withoutStatistics(nullable('content', 'binary', ({ content }) => content)),
  withoutStatistics(column('storage_format', 'string', ({ row }) => row.storageFormat)),
  column('size', 'long', ({ row }) => BigInt(row.size)),
  withoutStatistics(nullable('sha256', 'string', ({ row }) => row.sha256)),
  withoutStatistics(nullable('factory', 'string', ({ row }) => row.factory)),
  nullable('min_event_time', 'long', ({ row }) => optionalLong(row.minEventTime)),
  nullable('max_event_time', 'long', ({ row }) => optionalLong(row.maxEventTime)),
  withoutStatistics(nullable('attributes', 'string', ({ row }) => storedAttributes(row))),
];

/** Names of the columns that a {@link NodeRow} is made of: all but the pond and the bytes. */
export const ROW_COLUMNS: readonly string[] = OP_LOG_COLUMNS.map(({ name }) => name).filter(
  (name) => name !== 'pond_id' && name !== 'content',
);

/** The table's schema as Delta Lake writes it in `metaData.schemaString`. */
export const DELTA_SCHEMA: string = JSON.stringify({
  type: 'struct',
  fields: OP_LOG_COLUMNS.map(({ name, type, nullable }) => ({ name, type, nullable, metadata: {} })),
});

/** The same schema as Parquet writes it. */
export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'schema', num_children: OP_LOG_COLUMNS.length },
  ...OP_LOG_COLUMNS.map(
    ({ name, type, nullable }): SchemaElement => ({
      name,
      repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED',
      ...physical(type),
    }),
  ),
];

function column(name: string, type: DeltaType, read: Column['read']): Column {
  return { name, type, nullable: false, statistics: true, read };
}

function nullable(name: string, type: DeltaType, read: Column['read']): Column {
  return { name, type, nullable: true, statistics: true, read };
}

function withoutStatistics(given: Column): Column {
  return { ...given, statistics: false };
}

function optionalLong(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function physical(type: DeltaType): Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'> {
  switch (type) {
    case 'string':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'long':
      return { type: 'INT64' };
    case 'timestamp':
      return {
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      };
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'binary':
      return { type: 'BYTE_ARRAY' };
  }
}
