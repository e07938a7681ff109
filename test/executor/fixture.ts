import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type {
  Journal,
  OperationEnd,
  OperationHandler,
  StartOutcome,
} from '../../src/executor/independent/capabilities.js';
import type { Operation } from '../../src/executor/operation.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Logger } from '../../src/ports/logger.js';
import type { Random } from '../../src/ports/random.js';

export interface Failure {
  readonly _tag: 'Failure';
  readonly text: string;
}

export const failure = (text: string): Failure => ({ _tag: 'Failure', text });

export const operation = (id: string, rest: Partial<Operation> = {}): Operation => ({
  id,
  kind: 'Test',
  after: [],
  requires: [],
  timeoutMs: null,
  ...rest,
});

/** A clock that stands still until it is advanced. */
export interface FakeClock extends Clock {
  /** Lets milliseconds pass: whatever slept until then wakes, in the order of its time, and does what it does. */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** How many sleep now. */
  readonly sleeping: () => number;
}

/** Lets everything happen that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const fakeClock = (): FakeClock => {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    nowMicros: () => now * 1000,
    monotonicMs: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { until: now + milliseconds, wake };
        sleepers.add(sleeper);
        if (signal?.aborted === true) wake();
        signal?.addEventListener('abort', wake, { once: true });
      }),
    giveWay: settle,
    advance: async (milliseconds) => {
      const until = now + milliseconds;
      for (;;) {
        await settle();
        const [next] = [...sleepers].sort((a, b) => a.until - b.until);
        if (next === undefined || next.until > until) break;
        now = next.until;
        next.wake();
      }
      now = until;
    },
    sleeping: () => sleepers.size,
  };
};

export type JournalRecord =
  | { readonly record: 'started' | 'abandoned'; readonly id: string }
  | { readonly record: 'ended'; readonly id: string; readonly result: OperationEnd<Failure>['result'] }
  | { readonly record: 'skipped'; readonly id: string; readonly because: string };

export interface MemoryJournal extends Journal<Operation, string, Failure> {
  /** Everything that was recorded, in order. */
  readonly records: readonly JournalRecord[];
  /** The ends as they were handed over, by operation. */
  readonly ends: ReadonlyMap<string, OperationEnd<Failure>>;
}

export interface JournalBehaviour {
  /** What comes of starts, other than to go. */
  readonly starts: Readonly<Record<string, StartOutcome<string>>>;
  /** Records that cannot be written: `started a`, `ended b`. */
  readonly broken: readonly string[];
}

/** A journal in memory. What it hands to a started operation is `run of <id>`. */
export const memoryJournal = ({
  starts = {},
  broken = [],
}: Partial<JournalBehaviour> = {}): MemoryJournal => {
  const records: JournalRecord[] = [];
  const ends = new Map<string, OperationEnd<Failure>>();
  const write =
    <A>(record: JournalRecord, answer: A): TaskEither<Failure, A> =>
    async () => {
      const name = `${record.record} ${record.id}`;
      if (broken.includes(name)) return left(failure(name));
      records.push(record);
      return right(answer);
    };
  return {
    records,
    ends,
    start: ({ id }) => {
      const answer = starts[id];
      return answer === undefined
        ? write({ record: 'started', id }, { _tag: 'Go', started: `run of ${id}` })
        : TE.right(answer);
    },
    finish: ({ id }, _started, end) => {
      ends.set(id, end);
      return write({ record: 'ended', id, result: end.result }, undefined);
    },
    skip: ({ id }, because) => write({ record: 'skipped', id, because }, undefined),
    abandon: ({ id }) => write({ record: 'abandoned', id }, undefined),
  };
};

export type TestHandler = OperationHandler<Operation, string, string, Failure>;

/** A handler that prepares `prepared <id>` and does nothing, but for what is said otherwise. */
export const handler = (rest: Partial<TestHandler> = {}): TestHandler => ({
  prepare: ({ id }) => TE.right(`prepared ${id}`),
  execute: () => TE.right(undefined),
  ...rest,
});

/** Takes half of what jitter may take. */
export const fixedRandom: Random = { fraction: () => 0.5 };

export const silentLogger: Logger = { log: () => undefined, with: () => silentLogger };
