import { parquetWriteBuffer } from 'hyparquet-writer';

/** A version of a series with one row: a time, and a text. */
export const seriesVersion = (text: string): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', data: [new Date(Date.UTC(2026, 0, 1))], type: 'TIMESTAMP' },
        { name: 'text', data: [text], type: 'STRING' },
      ],
    }),
  );
