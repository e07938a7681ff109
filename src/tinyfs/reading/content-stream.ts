import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { TinyFsError } from '../errors.js';
import type { Host } from '../location.js';
import type { ByteStream, PersistenceView, StoredStream } from '../persistence.js';
import { errorThrownBy, isTinyFsError } from '../thrown-error.js';

/** The contents of some rows, one after another. May be iterated more than once. */
export const contentsOf = (view: PersistenceView, rows: readonly NodeRow[]): StoredStream => {
  const [only] = rows;
  const isAlone = only !== undefined && rows.length === 1;
  const file = isAlone ? (view.fileOf?.(only) ?? null) : null;
  const { inlineOf } = view;
  return {
    ...(file === null ? {} : { file }),
    ...(isAlone && only.storageFormat === 'inline' && inlineOf !== undefined
      ? { whole: () => inlineOf(only) }
      : {}),
    async *[Symbol.asyncIterator]() {
      for (const row of rows) yield* view.open(row);
    },
  };
};

/** A stream that a factory made: whatever it throws is an error of that dynamic node. */
export const streamOfHost = (host: Host, stream: ByteStream): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    try {
      yield* stream;
    } catch (thrown) {
      throw isTinyFsError(thrown) ? thrown : failureOf(host, thrown);
    }
  },
});

const failureOf = (host: Host, thrown: unknown): TinyFsError => ({
  _tag: 'DynamicNodeFailed',
  path: host.path,
  factory: host.factory,
  message: thrown instanceof Error ? thrown.message : String(thrown),
});

/** All bytes of a stream. `path` is for errors. */
export const collect = (stream: StoredStream, path: string): TE.TaskEither<TinyFsError, Uint8Array> =>
  TE.tryCatch(
    async () => {
      if (stream.whole !== undefined) return Uint8Array.from(await stream.whole());
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    },
    (thrown) => errorThrownBy(thrown, path),
  );
