import type { NewRecord } from '../records/control-record.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { columnsOf, INSERTED } from '../store/record-row.js';

/** Adds records to the log, in their order, with one journey to the server. */
export function* appendAll(transaction: ControlTransaction, records: readonly NewRecord[]): Coroutine<void> {
  if (records.length === 0) return;
  yield* transaction.run(APPEND, { records: JSON.stringify(records.map(columnsOf)) });
}

const APPEND = `INSERT INTO control_table (${INSERTED.join(', ')})
  SELECT ${INSERTED.join(', ')} FROM json_populate_recordset(NULL::control_table, @records::json)`;
