import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { madeOnce } from '../../../effects/made-once.js';
import { describeFactoryError } from '../../../factories/describe-factory-error.js';
import type { FactoryError } from '../../../factories/factory.js';
import type { Registry } from '../../../factories/registry/registry.js';
import type { Ids } from '../../../ports/ids.js';
import { inspectTable } from '../../../series/inspect-table.js';
import { wholeSeries } from '../../../series/whole-series.js';
import type { LoadDynamicNode } from '../../../tinyfs/dynamic-nodes.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { PersistenceView, PersistenceWriter } from '../../../tinyfs/persistence.js';
import { createReader } from '../../../tinyfs/reading/create-reader.js';
import type { SeriesFormat } from '../../../tinyfs/series-format.js';
import type { PondReader, PondWriter } from '../../../tinyfs/tinyfs.js';
import { createWriter } from '../../../tinyfs/writing/create-writer.js';
import type { TransactionIdentity } from '../../../tlogfs/tlog.js';
import { layout, type Pond } from '../pond.js';
import { userSeal } from '../record-origin.js';

/** Functions that read the series of a pond. */
export const seriesFormatOf = ({ ports, directory }: Pick<Pond, 'ports' | 'directory'>): SeriesFormat => {
  const { queries, merged } = layout(directory);
  const whole = madeOnce(() =>
    wholeSeries({ ...ports, seal: userSeal(ports) }, { workspaces: queries, merged }),
  );
  return { inspect: inspectTable, whole: (series) => whole()(series) };
};

/** Registry that a filesystem needs: it makes contents and entries of dynamic nodes. */
export type NodeLoader = Pick<Registry, 'load'>;

/** The filesystem of a snapshot, with what the known factories make of its dynamic nodes. */
export const readerOf = (
  view: PersistenceView,
  registry: NodeLoader,
  seriesFormat: SeriesFormat,
): PondReader => {
  const reader: PondReader = createReader(
    view,
    loadWith(registry, () => reader),
    seriesFormat,
  );
  return reader;
};

/** The filesystem of a write transaction. */
export const writerOf = (
  persistence: PersistenceWriter,
  transaction: TransactionIdentity,
  ids: Ids,
  registry: NodeLoader,
  seriesFormat: SeriesFormat,
): PondWriter => {
  const writer: PondWriter = createWriter(
    persistence,
    transaction,
    ids,
    loadWith(registry, () => writer),
    seriesFormat,
  );
  return writer;
};

const loadWith =
  (registry: NodeLoader, fs: () => PondReader | PondWriter): LoadDynamicNode =>
  (node, config) =>
    pipe(
      registry.load(node.factory ?? '', config, { path: node.path, nodeId: node.nodeId, fs: fs() }),
      TE.mapLeft(
        (error: FactoryError): TinyFsError =>
          error._tag === 'UnknownFactory' || error._tag === 'NotTrusted'
            ? error
            : {
                _tag: 'DynamicNodeFailed',
                path: node.path,
                factory: node.factory ?? '',
                message: describeFactoryError(error),
              },
      ),
    );
