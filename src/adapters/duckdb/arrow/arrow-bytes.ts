import type { DuckDBResult } from '@duckdb/node-api';
import type { RecordBatch, Schema } from 'apache-arrow';
import { arrowColumn } from './arrow-columns.js';
import type { ArrowLibrary } from './arrow-values.js';

/** Rows of one batch at most, but for the rest of what the engine hands over at once. */
const BATCH_ROWS = 64 * 1024;

/** Bytes of one batch, likewise. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * The rows of an answer in Arrow's IPC format, as a file or as a stream, batch by batch while they are computed; `onRows` is
 * told how many there are.
 */
export async function* arrowBytes(
  answer: DuckDBResult,
  form: 'file' | 'stream',
  onRows: (count: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const modules = { arrow: await import('apache-arrow'), duckdb: await import('@duckdb/node-api') };
  const { Data, Field, RecordBatch, Schema, Struct } = modules.arrow;
  const columns = answer.columnTypes().map((type) => arrowColumn(modules, type));
  const names = answer.deduplicatedColumnNames();
  const fields = columns.map(({ type }, index) => new Field(names[index] ?? '', type, true));
  const schema = new Schema(fields);
  const writer = piecesOf(modules.arrow, form);
  let rows = 0;
  const batch = (): RecordBatch => {
    const children = columns.map((column) => column.take());
    const whole = new Data(new Struct(fields), 0, rows, 0, [] as never, children);
    rows = 0;
    return new RecordBatch(schema, whole);
  };
  yield writer.begin(schema);
  for await (const chunk of answer) {
    for (const [index, column] of columns.entries()) {
      const values = chunk.getColumnVector(index);
      for (let row = 0; row < chunk.rowCount; row += 1) column.append(values.getItem(row));
    }
    rows += chunk.rowCount;
    onRows(chunk.rowCount);
    const size = columns.reduce((sum, column) => sum + column.size(), 0);
    if (rows >= BATCH_ROWS || size >= BATCH_BYTES) yield writer.batch(batch());
  }
  if (rows > 0) yield writer.batch(batch());
  yield writer.end();
}

/** The library's writer, which hands over what it writes at once. */
const piecesOf = (
  { RecordBatchFileWriter, RecordBatchStreamWriter }: ArrowLibrary,
  form: 'file' | 'stream',
) => {
  let pieces: Uint8Array[] = [];
  class FileInPieces extends RecordBatchFileWriter {
    protected override _write(chunk: ArrayBufferView): this {
      return this._started ? taken(this, chunk) : this;
    }
    moved(bytes: number) {
      this._position += bytes;
    }
  }
  class StreamInPieces extends RecordBatchStreamWriter {
    protected override _write(chunk: ArrayBufferView): this {
      return this._started ? taken(this, chunk) : this;
    }
    moved(bytes: number) {
      this._position += bytes;
    }
  }
  const taken = <W extends FileInPieces | StreamInPieces>(by: W, chunk: ArrayBufferView): W => {
    pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    by.moved(chunk.byteLength);
    return by;
  };
  const writer = form === 'file' ? new FileInPieces() : new StreamInPieces();
  const after = (work: () => unknown): Uint8Array => {
    work();
    const written = Buffer.concat(pieces);
    pieces = [];
    return written;
  };
  return {
    begin: (schema: Schema) => after(() => writer.reset(undefined, schema)),
    batch: (batch: RecordBatch) => after(() => writer.write(batch)),
    end: () => after(() => writer.finish()),
  };
};
