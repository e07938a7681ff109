import { type Either, map } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../ports/clock.js';
import type { ControlError } from './control-error.js';
import type { ControlTable } from './control-table.js';
import type { AttemptOutcome, AttemptRecord, EndRecord } from './records/attempt-record.js';
import type { Claim, StartAttempt, StartOutcome } from './records/claim.js';

/** Records attempts. Each record is durable when it returns. */
export interface AttemptRecords {
  readonly started: (claim: Claim, attempt: StartAttempt) => TE.TaskEither<ControlError, StartOutcome>;
  readonly ended: (claim: Claim, record: EndRecord) => TE.TaskEither<ControlError, void>;
}

interface Waiting {
  readonly record: AttemptRecord;
  readonly settle: (outcome: Either<ControlError, AttemptOutcome>) => void;
  readonly reject: (defect: unknown) => void;
}

/**
 * Lets attempts that run side by side share durable transactions: whatever is asked for in one turn of the process, or while
 * the transaction before is under way, goes into the table together, in the order in which it was asked for. Nobody waits
 * for company: a record by itself is a transaction by itself. Who asked goes on after the commit of its transaction and
 * not before, so that an effect still comes after its start, and what needs an end after that end; a crash between the
 * effects of some and their common commit leaves all of them as started, which recovery sees as interrupted.
 *
 * Where tasks are claimed with ends, and begin, these come first: who asked for the ends goes on once what ends of those tasks in the same turn is on
 * its way, or where nothing does, a turn later.
 */
export const recordTogether = (
  { recordAttempts }: Pick<ControlTable, 'recordAttempts'>,
  { giveWay }: Pick<Clock, 'giveWay'>,
): AttemptRecords => {
  let waiting: Waiting[] = [];
  let recording = false;

  /** Records what was asked for; returns how to tell who asked what came of it. */
  const recordThese = async (asked: readonly Waiting[], onClaimed: () => void): Promise<() => void> => {
    try {
      const outcomes = await recordAttempts(
        asked.map(({ record }) => record),
        onClaimed,
      )();
      return () => {
        for (const [place, { settle, reject }] of asked.entries()) {
          const outcome = outcomes[place];
          if (outcome === undefined) reject(new Error('a record without an outcome'));
          else settle(outcome);
        }
      };
    } catch (defect) {
      return () => {
        for (const { reject } of asked) reject(defect);
      };
    }
  };

  const recordAll = async (): Promise<void> => {
    recording = true;
    /** Tells what the transaction before has come to, where something runs that was claimed with it. */
    let tell: (() => void) | null = null;
    while (waiting.length > 0 || tell !== null) {
      await giveWay();
      const asked = waiting;
      waiting = [];
      const tellBefore: (() => void) | null = tell;
      tell = null;
      if (asked.length === 0) {
        tellBefore?.();
        continue;
      }
      let areFollowed = false;
      const recorded = recordThese(asked, () => {
        areFollowed = true;
      });
      if (tellBefore !== null) {
        // Once these are on their way: there is much that comes of a record, and the database need not wait for it.
        await giveWay();
        tellBefore();
      }
      const told = await recorded;
      if (areFollowed) tell = told;
      else told();
    }
    recording = false;
  };

  const record =
    <A>(wanted: AttemptRecord, as: (outcome: AttemptOutcome) => A): TE.TaskEither<ControlError, A> =>
    () =>
      new Promise((settle, reject) => {
        waiting.push({ record: wanted, settle: (outcome) => settle(map(as)(outcome)), reject });
        if (!recording) void recordAll();
      });

  return {
    started: (claim, attempt) =>
      record({ _tag: 'Started', claim, attempt }, (outcome) => outcome as StartOutcome),
    ended: (claim, end) => record({ claim, ...end }, () => undefined),
  };
};
