import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { undoIntents } from '../executor/all-or-nothing/roll-back.js';
import type { OperationThrew } from '../executor/operation.js';
import type { HostFileSystem } from '../ports/file-system.js';
import type { Logger } from '../ports/logger.js';
import type { Telemetry, TraceContext } from '../ports/telemetry.js';
import { COUNTER } from '../ports/telemetry-names.js';
import type { JournaledIntent, JournalRecord, UnreadableJournal } from './journal/checkpoint-record.js';
import type { FileCheckpoints } from './journal/file-checkpoints.js';
import type { MadeElsewhere } from './journal/journal-seal.js';
import type { ResumedCheckpoint } from './journal/resume-checkpoint.js';
import type { ExecutableHostOperation } from './kinds/host-handler.js';
import { describeHostFailure, type HostOperationError } from './steps/host-error.js';
import { secureDirectories, touchedDirectories } from './steps/secure-directories.js';
import { type Identity, undoSteps } from './steps/undo-steps.js';

/** Result about a checkpoint that a crash had left. */
export interface RecoveredPlan {
  /** Id of the checkpoint. */
  readonly id: string;
  /**
   * `completed`: everything had been executed. `incomplete`: something could not be undone. `made_elsewhere`: not made here
   * by this user, so it was left alone.
   */
  readonly outcome: 'completed' | 'rolled_back' | 'incomplete' | 'unreadable' | 'made_elsewhere';
  /** Ids of the operations whose effects were taken back. */
  readonly rolledBack: readonly string[];
  /** Entries that could not be undone, or the reason why the checkpoint was left alone. */
  readonly failures: readonly {
    readonly operation: string;
    readonly error: HostOperationError | UnreadableJournal | MadeElsewhere | OperationThrew;
  }[];
}

/** Options of recovering host plans beside what is always done. */
export interface RecoverOptions {
  /** Tells whether to try those again whose rollback was incomplete before. */
  readonly again: boolean;
  /** The journal as it was shown: what stands in it must be what was looked at. */
  readonly adopt?: { readonly id: string; readonly digest: string };
}

export interface HostRecovery {
  readonly files: HostFileSystem;
  readonly checkpoints: FileCheckpoints;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/**
 * Deals with every checkpoint that nobody is at: a plan that had been executed is completed, any other is rolled
 * back. `again` says whether those whose rollback was incomplete are tried again. `adopt` is one that was made elsewhere
 * and is recovered all the same; then no other is. May itself be interrupted at any moment, and repeated.
 */
export const recoverHostPlans =
  (
    { files, checkpoints, logger, telemetry }: HostRecovery,
    { again, adopt }: RecoverOptions,
  ): TE.TaskEither<HostOperationError, readonly RecoveredPlan[]> =>
  async () => {
    const found = checkpoints.find();
    if (isLeft(found)) return found;
    const recovered: RecoveredPlan[] = [];
    for (const checkpoint of found.right) {
      if (checkpoint.state === 'rolled_back' || (checkpoint.state === 'incomplete' && !again)) continue;
      if (adopt !== undefined && checkpoint.id !== adopt.id) continue;
      const resumed = checkpoints.resume(checkpoint, { worked: files, adopt: adopt?.digest ?? null });
      if (isLeft(resumed)) {
        recovered.push({
          id: checkpoint.id,
          outcome: resumed.left._tag === 'MadeElsewhere' ? 'made_elsewhere' : 'unreadable',
          rolledBack: [],
          failures: [{ operation: '', error: resumed.left }],
        });
      } else if (resumed.right !== null) {
        recovered.push(await recoverOne({ files, logger, telemetry }, resumed.right));
      }
    }
    checkpoints.sweepLocks();
    return right(recovered);
  };

const recoverOne = async (
  { files, logger, telemetry }: Pick<HostRecovery, 'files' | 'logger' | 'telemetry'>,
  { records, checkpoint }: ResumedCheckpoint,
): Promise<RecoveredPlan> => {
  const { id } = checkpoint;
  const last = (...names: readonly JournalRecord['record'][]) =>
    records.findLast(({ record }) => names.includes(record))?.record;
  const end = last('executed', 'rolled_back', 'incomplete');
  if (end === 'executed') {
    const settled = await checkpoint.settle({ _tag: 'Executed' })();
    const failures = isLeft(settled) ? [{ operation: '', error: settled.left }] : settled.right;
    return { id, outcome: failures.length === 0 ? 'completed' : 'incomplete', rolledBack: [], failures };
  }
  const madeAs = madeDirectories(records);
  const undone = new Set(records.flatMap((record) => (record.record === 'undone' ? [record.operation] : [])));
  const intended = new Set(
    records.flatMap((record) => (record.record === 'intents' ? record.operations.map((one) => one.id) : [])),
  );
  for (const operation of undone) {
    // Nothing is undone that was not intended: somebody has changed the journal.
    if (!intended.has(operation)) logger.log('warn', 'operation_not_in_checkpoint', { op_id: operation });
  }
  // A plan that was rolled back lacks only the end of its checkpoint.
  const intents =
    end === 'rolled_back'
      ? []
      : records
          .flatMap((record) => (record.record === 'intents' ? record.operations : []))
          .filter((intent) => !undone.has(intent.id));
  const touched = touchedDirectories();
  const { rolledBack, failures } = await undoIntents<
    ExecutableHostOperation,
    JournaledIntent,
    HostOperationError
  >({
    handler: {
      undo: (_operation, { steps }) =>
        TE.fromIOEither(() =>
          undoSteps({ files, madeAs: (path) => madeAs.get(path) ?? null, touched }, steps, null),
        ),
      secure: () => secureDirectories(files, touched.inOrder('undoing')),
    },
    checkpoint,
    logger,
    telemetry: { telemetry, parent: executionOf(records), describe: describeHostFailure },
  })(intents.map((intent) => ({ operation: intent, undo: intent })))();
  telemetry.add(COUNTER.operationsRolledBack, rolledBack.length);
  return { id, outcome: failures.length === 0 ? 'rolled_back' : 'incomplete', rolledBack, failures };
};

/** The span of the execution that a crash ended: what undoes it belongs to its trace. */
const executionOf = (records: readonly JournalRecord[]): TraceContext | null => {
  const traceParent = records.find((record) => record.record === 'plan')?.trace_parent;
  return traceParent === undefined ? null : { traceParent, origin: 'record' };
};

const madeDirectories = (records: readonly JournalRecord[]): ReadonlyMap<string, Identity> =>
  new Map(
    records.flatMap((record): readonly [string, Identity][] =>
      record.record === 'made' ? [[record.path, { device: record.device, inode: record.inode }]] : [],
    ),
  );
