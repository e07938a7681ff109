import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { entryDocument } from '../../documents/entry-document.js';
import type { JsonObject } from '../../domain/documents/json.js';
import { snakeCase } from '../../domain/text/snake-case.js';
import type { ContentTable } from '../../queries/content-table.js';
import type { Steward } from '../../steward/steward.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { CliError } from '../errors.js';
import { pathTableAt } from './table-at.js';

export interface PondToQuery {
  readonly steward: Pick<Steward, 'records'>;
  readonly fs: PondReader;
}

/** The tables of `pond sql`: what is in the pond by path, the pond's entries, and its control table. */
export const pondTables =
  (pond: PondToQuery, sql: string) =>
  (names: readonly string[]): TE.TaskEither<CliError, readonly ContentTable[]> => {
    const paths = names.filter((name) => name.startsWith('/'));
    // The names of a PIVOT are not told.
    const own = Object.entries(OWN_TABLES).filter(([name]) => new RegExp(`\\b${name}\\b`, 'i').test(sql));
    return pipe(
      [
        ...own.map(([name, make]) => make(pond, name)),
        ...paths.map((path) => pathTableAt(pond.fs, { name: path, paths: [path] })),
      ],
      TE.sequenceSeqArray,
    );
  };

type MakeTable = (pond: PondToQuery, name: string) => TE.TaskEither<CliError, ContentTable>;

const CONTROL_COLUMNS = {
  record_id: 'BIGINT',
  txn_seq: 'BIGINT',
  txn_id: 'VARCHAR',
  based_on_seq: 'BIGINT',
  record_type: 'VARCHAR',
  transaction_type: 'VARCHAR',
  timestamp: 'BIGINT',
  cli_args: 'JSON',
  environment: 'JSON',
  data_fs_version: 'BIGINT',
  error_message: 'VARCHAR',
  duration_ms: 'DOUBLE',
  parent_txn_seq: 'BIGINT',
  execution_seq: 'BIGINT',
  factory_name: 'VARCHAR',
  config_path: 'VARCHAR',
  attempt: 'BIGINT',
  trace_parent: 'VARCHAR',
  config_txn_seq: 'BIGINT',
  caused_by: 'JSON',
  report: 'JSON',
  not_before: 'BIGINT',
  skip_cause: 'VARCHAR',
  due_at: 'BIGINT',
};

const NODE_COLUMNS = {
  path: 'VARCHAR',
  file_type: 'VARCHAR',
  size: 'BIGINT',
  version: 'BIGINT',
  txn_seq: 'BIGINT',
  sha256: 'VARCHAR',
  factory: 'VARCHAR',
  timestamp: 'TIMESTAMPTZ',
  link_target: 'VARCHAR',
  node_id: 'VARCHAR',
};

/** Columns as in the control table itself: times are microseconds since the epoch. */
const controlTable: MakeTable = ({ steward }, name) =>
  pipe(
    steward.records({}),
    TE.map((records) =>
      tableOf(
        name,
        CONTROL_COLUMNS,
        records.map((record) =>
          Object.fromEntries(Object.entries(record).map(([column, value]) => [snakeCase(column), value])),
        ),
      ),
    ),
  );

const OWN_TABLES: Readonly<Record<string, MakeTable>> = {
  control_table: controlTable,
  transactions: controlTable,
  nodes: ({ fs }, name) =>
    pipe(
      fs.collectMatches('/**'),
      TE.map(({ entries }) => tableOf(name, NODE_COLUMNS, entries.map(entryDocument))),
    ),
};

const tableOf = (
  name: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly JsonObject[],
): ContentTable => ({ name, format: 'json', columns, contents: [linesOf(rows)] });

async function* linesOf(rows: readonly JsonObject[]): AsyncGenerator<Uint8Array> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`);
}
