import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { inspectTable } from '../../src/series/inspect-table.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import type { SeriesFormat } from '../../src/tinyfs/series-format.js';
import type { PondWriter, SeriesOptions } from '../../src/tinyfs/tinyfs.js';
import { createWriter } from '../../src/tinyfs/writing/create-writer.js';
import { createMemoryPersistence } from '../tinyfs/memory-persistence.js';

const FORMAT: SeriesFormat = {
  inspect: inspectTable,
  whole: ({ parts }) => ({
    async *[Symbol.asyncIterator]() {
      for (const { content } of parts) yield* content;
    },
  }),
};

/** The filesystem of a write in memory, which understands series. */
const seriesWriter = (): PondWriter =>
  createWriter(
    createMemoryPersistence().beginWrite({ txnSeq: 1 }),
    { txnSeq: 1, timestamp: 1 },
    uuidIds,
    () => async () => ({ _tag: 'Right', right: { kind: 'executable' } }),
    FORMAT,
  );

/** What the first version of a series is found to be, or why it is refused. */
export const appendedVersion = async (
  bytes: Uint8Array,
  series: SeriesOptions = {},
): Promise<
  | {
      readonly right: {
        readonly column: string | null;
        readonly min: number | null;
        readonly max: number | null;
      };
    }
  | { readonly left: TinyFsError }
> => {
  const fs = seriesWriter();
  const appended = await fs.appendToSeries('/x.parquet', bytes, { series })();
  if (appended._tag === 'Left') return { left: appended.left };
  const contract = await fs.series('/x.parquet')();
  const versions = await fs.versions('/x.parquet')();
  if (contract._tag === 'Left') return { left: contract.left };
  if (versions._tag === 'Left') return { left: versions.left };
  const [version] = versions.right;
  return {
    right: {
      column: contract.right.timeColumn,
      min: version?.minEventTime ?? null,
      max: version?.maxEventTime ?? null,
    },
  };
};
