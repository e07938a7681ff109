import type { ControlRecord } from '../../control/records/control-record.js';
import type { Json } from '../../domain/documents/json.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { snakeCase } from '../../domain/text/snake-case.js';
import { localTime, onOneLine } from '../words/print-values.js';

/** Records in their order, one timestamped line each: time, transaction or task, type, and every field that is set. */
export const renderRecords = (records: readonly ControlRecord[]): readonly string[] =>
  records.map((record) => {
    const { recordId, txnSeq, recordType, timestamp, parentTxnSeq, executionSeq, ...rest } = record;
    const subject =
      parentTxnSeq === null || executionSeq === null
        ? `#${txnSeq}`
        : printTaskId({ parentTxnSeq, executionSeq });
    const fields = Object.entries(rest)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${snakeCase(name)}=${shown(value)}`);
    return `${localTime(timestamp)}.${milliseconds(timestamp)}  ${subject}  ${recordType}  ${fields.join(' ')}`;
  });

const milliseconds = (micros: number): string => String(Math.floor(micros / 1000) % 1000).padStart(3, '0');

/** Prints a value as it is where that is clear, else as JSON. */
const shown = (value: Json): string => {
  const text = typeof value === 'string' ? onOneLine(value) : JSON.stringify(value);
  return typeof value === 'string' && /[\s"=]|^$/.test(text) ? JSON.stringify(text) : text;
};
