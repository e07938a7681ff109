import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecutionMode } from '../domain/execution-mode.js';
import type { FactoryContext } from '../factories/factory.js';
import type { Registry } from '../factories/registry.js';
import { readEntry } from '../planner/read-entry.js';
import type { PondReader } from '../tinyfs/tinyfs.js';
import { type DiscoverableFs, readDiscovered } from './discover.js';
import type { PondError } from './errors.js';
import type { Pond } from './pond.js';
import { readTransaction } from './read-transaction.js';
import type { RunOutcome } from './steward.js';
import { writeTransaction } from './write-transaction.js';

export interface RunByHandOptions {
  readonly args?: readonly string[];
  readonly mode?: ExecutionMode;
  readonly signal?: AbortSignal;
}

/** Runs an executable factory by hand: as a writer inside a write transaction, or as a reader of the newest state. */
export const runByHand = (
  pond: Pond,
  path: string,
  options: RunByHandOptions,
): TE.TaskEither<PondError, RunOutcome> =>
  pipe(
    chooseMode(pond, path, options),
    TE.flatMap(
      (mode): TE.TaskEither<PondError, RunOutcome> =>
        mode === 'InTransactionWriter' ? runAsWriter(pond, path, options) : runAsReader(pond, path, options),
    ),
  );

/** The mode that is asked for, or else the one that the factory declares: as a writer when it declares both. */
const chooseMode = (
  pond: Pond,
  path: string,
  { mode, signal }: RunByHandOptions,
): TE.TaskEither<PondError, ExecutionMode> =>
  mode !== undefined
    ? TE.right(mode)
    : readTransaction(pond)(
        ({ fs, registry }) =>
          pipe(
            TE.Do,
            TE.bind('factory', () =>
              pipe(
                executableAt(fs, path),
                TE.map(({ factory }) => factory),
              ),
            ),
            TE.bind('known', () => TE.fromTask(registry)),
            TE.map(({ factory, known }) =>
              known.facts(factory)?.modes.includes('InTransactionWriter') === true
                ? 'InTransactionWriter'
                : 'PostCommitReader',
            ),
          ),
        signal === undefined ? {} : { signal },
      );

interface Executable {
  readonly path: FactoryContext['path'];
  readonly nodeId: string | null;
  readonly factory: string;
  readonly config: Uint8Array;
}

const executableAt = (
  fs: DiscoverableFs & Pick<PondReader, 'stat'>,
  path: string,
): TE.TaskEither<PondError, Executable> =>
  pipe(
    fs.stat(path),
    TE.bindTo('entry'),
    TE.bindW('discovered', ({ entry }) => TE.fromTask(readDiscovered(fs, entry.path))),
    TE.flatMap(({ entry, discovered }): TE.TaskEither<PondError, Executable> => {
      const reading = readEntry(discovered);
      if (reading._tag === 'Invalid') {
        return TE.left({ _tag: 'EntryRejected', path: entry.path, errors: reading.errors });
      }
      if (reading._tag === 'NotAFactory' || discovered.content._tag !== 'Bytes') {
        return TE.left({ _tag: 'NotExecutable', path: entry.path, found: entry.entryType });
      }
      return TE.right({
        path: entry.path,
        nodeId: discovered.nodeId,
        factory: reading.factory,
        config: discovered.content.bytes,
      });
    }),
  );

const runAsWriter = (
  pond: Pond,
  path: string,
  { args = [], signal }: RunByHandOptions,
): TE.TaskEither<PondError, RunOutcome> =>
  pipe(
    writeTransaction(pond)(
      (transaction) =>
        pipe(
          executableAt(transaction.fs, path),
          TE.flatMap((executable) =>
            execute(pond, transaction.registry, executable, {
              ...common(pond, executable, transaction, args),
              mode: 'InTransactionWriter',
              isWriter: true,
              isPostCommit: false,
              fs: transaction.fs,
            }),
          ),
        ),
      { operation: 'run', ...(signal === undefined ? {} : { signal }) },
    ),
    TE.map((outcome) => ({ mode: 'InTransactionWriter', outcome })),
  );

const runAsReader = (
  pond: Pond,
  path: string,
  { args = [], signal }: RunByHandOptions,
): TE.TaskEither<PondError, RunOutcome> =>
  readTransaction(pond)(
    (transaction) =>
      pipe(
        TE.Do,
        TE.bind('executable', () => executableAt(transaction.fs, path)),
        TE.bind('registry', () => TE.fromTask(transaction.registry)),
        TE.flatMap(({ executable, registry }) =>
          execute(pond, registry, executable, {
            ...common(pond, executable, transaction, args),
            mode: 'PostCommitReader',
            isWriter: false,
            isPostCommit: true,
            fs: transaction.fs,
          }),
        ),
        TE.map((): RunOutcome => ({ mode: 'PostCommitReader', txnSeq: transaction.txnSeq })),
      ),
    { operation: 'run', ...(signal === undefined ? {} : { signal }) },
  );

const execute = (
  pond: Pond,
  registry: Registry,
  { factory, config, path }: Executable,
  context: FactoryContext,
): TE.TaskEither<PondError, void> =>
  pipe(
    registry.execute(factory, config, context, context.mode),
    TE.tapIO(() => () => pond.ports.logger.log('info', 'run_completed', { factory, config_path: path })),
  );

/** What both modes are told. */
const common = (
  pond: Pond,
  { path, nodeId }: Executable,
  transaction: { readonly txnSeq: number; readonly txnId: string; readonly signal: AbortSignal },
  args: readonly string[],
) => ({
  description: `${path} by hand, transaction ${transaction.txnSeq}`,
  path,
  nodeId,
  pondId: pond.tlog.pondId,
  txnSeq: transaction.txnSeq,
  dataFsVersion: 0,
  changes: [],
  task: null,
  attempt: 1,
  idempotencyKey: `${pond.tlog.pondId}/${transaction.txnId}`,
  supersededBy: null,
  args,
  signal: transaction.signal,
  log: pond.ports.logger.with({ config_path: path }),
  // Nobody makes another attempt of what a person runs by hand.
  recordProcessGroup: () => TE.right(undefined),
});
