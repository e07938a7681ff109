import { type Either, right } from 'fp-ts/lib/Either.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Condition, relevantChanges } from '../../domain/plans/condition.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import { andThen, type Eventually } from '../../effects/eventually.js';
import { steps } from '../../effects/steps.js';
import type { PreparedExecution, Registry } from '../../factories/registry/registry.js';
import { derivedChanges } from '../../planner/derived-changes.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import type { Span } from '../../ports/telemetry.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { PondError } from '../errors.js';
import { derivedFilesFor } from '../planning/derived-files.js';
import { readerOf, seriesFormatOf } from '../pond/factories/filesystems.js';
import { nodeLoaderOf, registryForTask } from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { type CommitOfTasks, elsewhere, taskLogger } from './run-task.js';
import { type Attempt, contextOf } from './task-context.js';

/** A task whose attempt may begin. */
export interface PreparedTask {
  readonly execute: (
    started: Required<NonNullable<Parameters<PreparedExecution['execute']>[0]>>,
    span: Span,
  ) => TE.TaskEither<PondError, void>;
}

/** The commit's filesystem, and the factories for a configuration. */
interface Reading {
  readonly fs: PondReader;
  readonly registry: Registry;
}

type ReadingAt = (configTxnSeq: number) => Eventually<Either<PondError, Reading>>;

/** The factories for a configuration, where they have been looked up. */
export interface KnownRegistry {
  readonly configTxnSeq: number;
  readonly registry: Registry;
}

/** View that tasks read the commit with, whose configurations are those of a transaction; looked up once for all of a run. */
export const readings = (pond: Pond, commit: CommitOfTasks, lookedUp: KnownRegistry | null): ReadingAt => {
  const known = new Map<number, ReturnType<ReadingAt>>();
  return (configTxnSeq) => {
    const found =
      known.get(configTxnSeq) ??
      steps<PondError, Reading>(async ({ run }) => {
        const data = await run(pond.tlog.snapshot(commit.txnSeq));
        const configured = await run(pond.tlog.snapshot(configTxnSeq));
        const registry =
          lookedUp?.configTxnSeq === configTxnSeq
            ? lookedUp.registry
            : await registryForTask(pond, configured, { isNews: false })();
        return { fs: readerOf(data, nodeLoaderOf(pond, T.of(registry)), seriesFormatOf(pond)), registry };
      })().then((reading) => {
        known.set(configTxnSeq, reading);
        return reading;
      });
    known.set(configTxnSeq, found);
    return found;
  };
};

/** The changes that a condition names; the same condition names the same ones of a commit. */
export const relevantOf = (
  changes: readonly Change[],
): ((condition: Condition | null) => readonly Change[]) => {
  const known = new Map<Condition | null, readonly Change[]>();
  return (condition) => {
    const relevant = known.get(condition) ?? relevantChanges(condition, changes);
    known.set(condition, relevant);
    return relevant;
  };
};

const NOT_HERE: PreparedTask = { execute: () => TE.right(undefined) };

/** Decodes the configuration, resolves its variables, and lets the factory initialise and check. */
export const prepareTask = (
  pond: Pond,
  readingAt: ReadingAt,
  attempt: Attempt,
): TE.TaskEither<PondError, PreparedTask> => {
  const { task } = attempt;
  const { entry, configTxnSeq, rejection } = task;
  if (rejection !== null) return TE.left({ _tag: 'EntryRejected', path: entry.path, errors: rejection });
  // It is not started here, and what its machine has to have need not be here.
  if (elsewhere(pond, task) !== null) return TE.right(NOT_HERE);
  const reading = readEntry(entry);
  if (reading._tag === 'Invalid')
    return TE.left({ _tag: 'EntryRejected', path: entry.path, errors: reading.errors });
  if (reading._tag === 'NotAFactory' || entry.content._tag !== 'Bytes') {
    return TE.left({ _tag: 'NotExecutable', path: entry.path, found: entry.entryType });
  }
  if (task.writes) return TE.right(writing(pond, attempt));
  const config = entry.content.bytes;
  const condition = reading.envelope?.condition ?? null;
  return async () =>
    andThen(readingAt(configTxnSeq), ({ fs, registry }) =>
      andThen(relevantTo(pond, attempt, condition), (relevant) =>
        registry.prepare(reading.factory, config, contextOf(pond, attempt, fs, relevant))(),
      ),
    );
};

/** A scheduled entry that writes: its configuration is looked at, and it is run, in the transaction in which it writes. */
const writing = (pond: Pond, { task, attempt, commit }: Attempt): PreparedTask => ({
  execute: ({ signal, report }, span) =>
    pond.runScheduled(task.entry.path, {
      firing: printTaskId(task.claim),
      since: task.claim.parentTxnSeq,
      attempt,
      incarnation: commit.incarnation,
      parent: span.context,
      signal,
      log: taskLogger(pond, task, attempt, span),
      report,
    }),
});

/** The changes that a condition names: the commit's own, or where there are none, those of files that are made of these. */
const relevantTo = (
  pond: Pond,
  { commit, changes, relevant }: Attempt,
  condition: Condition | null,
): Eventually<Either<PondError, readonly Change[]>> => {
  const own = relevant(condition);
  if (condition === null || own.length > 0) return right(own);
  return steps<PondError, readonly Change[]>(async ({ run }) => {
    const view = await run(pond.tlog.snapshot(commit.txnSeq));
    const derived = await run(derivedFilesFor(pond, view, condition.words.path_pattern));
    return relevantChanges(condition, derivedChanges(derived, changes));
  })();
};
