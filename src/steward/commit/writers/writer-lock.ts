import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../../control/control-error.js';
import { steps } from '../../../effects/steps.js';
import { SERVER_TRY_AGAIN } from '../../../ports/sql-server.js';
import type { PondError } from '../../errors.js';
import { type HeldWriterLock, layout, type Pond, type WriterLock } from '../../pond/pond.js';
import { refusalOfReplica } from '../../pond/replica.js';
import { holderOf, refusedByParent } from './inside-write.js';
import { notedHolder, noteHolder } from './noted-holder.js';
import { makeControlPrivate } from './private-control.js';

/** Milliseconds between two looks at a lock that somebody else holds: soon at first, less often later. */
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 50;
/** The same for who is next: the lock is idle meanwhile. */
const LONGEST_PAUSE_OF_NEXT = 10;

/**
 * Runs `use` under the writer's lock, which is let go however it ends. A replica refuses it: only what changes nothing of
 * the data, or brings what is new from where the replica comes from, may have the lock of one. Who waits is told who holds it.
 */
export const withWriterLock = <E, A>(
  pond: Pond,
  signal: AbortSignal,
  use: TaskEither<E, A>,
  replica: 'refuse' | 'allow' = 'refuse',
): TaskEither<PondError | E, A> => {
  const noted = noteHolder(pond, use);
  return underLock(
    pond,
    acquireWriterLock(pond, signal, () => pond.writerLock.tryAcquire()()),
    () => noted,
    replica,
  );
};

/** A try for the writer's lock. */
type Try = () => Promise<Either<PondError, HeldWriterLock | null>>;

/** The first try for the lock of a write: whoever gets it is told with it what it asks first. */
const firstTry =
  ({ writerLock }: Pick<Pond, 'writerLock'>): Try =>
  () =>
    writerLock.tryAcquire(true)();

/**
 * Does work beside the first try for the lock of a write, where that is a journey, and hands both on. A lock that nobody has taken over from it by the end
 * is let go of.
 */
export const besideFirstTry = <E, A, B>(
  pond: Pond,
  work: TaskEither<E, A>,
  use: (done: A, first: Try) => TaskEither<E, B>,
): TaskEither<E, B> => {
  const { writerLock, control } = pond;
  const together = async (): Promise<Either<E, B>> => {
    const tried = writerLock.tryAcquire(true)();
    let isTaken = false;
    const take: Try = () => {
      isTaken = true;
      return tried;
    };
    try {
      const done = await work();
      return isLeft(done) ? done : await use(done.right, () => (isTaken ? firstTry(pond)() : take()))();
    } finally {
      if (!isTaken) void tried.then((lock) => (isLeft(lock) ? undefined : lock.right?.release()));
    }
  };
  return writerLock.isElsewhere && control.readOnly === null
    ? together
    : TE.flatMap((done: A) => use(done, firstTry(pond)))(work);
};

/** The same for a write, whose record says who it is; `use` is told of the lock. */
export const withLockOfWrite = <E, A>(
  pond: Pond,
  signal: AbortSignal,
  use: (lock: HeldWriterLock) => TaskEither<E, A>,
  first: Try,
): TaskEither<PondError | E, A> => underLock(pond, acquireWriterLock(pond, signal, first), use, 'refuse');

const underLock = <E, A>(
  pond: Pond,
  acquired: TaskEither<PondError, HeldWriterLock>,
  use: (lock: HeldWriterLock) => TaskEither<E, A>,
  replica: 'refuse' | 'allow',
): TaskEither<PondError | E, A> =>
  steps<PondError | E, A>(async ({ run, fail }) => {
    const lock = await run(acquired);
    const refusal = replica === 'allow' ? null : refusalOfReplica(pond);
    if (refusal !== null) {
      await lock.release();
      return fail(refusal);
    }
    const notAlone = pond.shared?.tlog.alone(lock);
    try {
      return await run(use(lock));
    } finally {
      notAlone?.();
      await lock.release();
    }
  });

/**
 * Time at which a write of the opened pond last got its lock. A program may begin hundreds of writes at once: as long as they get their
 * turns, one after another, those behind them wait for nobody who does not let go.
 */
const turns = new WeakMap<WriterLock, number>();

/**
 * The lock that makes one writer of many: released by the operating system when its holder dies. Waits for it as
 * long as the pond was opened for, counted from the last turn of a write of the same opened pond, and as long for a database that cannot be reached. Who waits longest is next: a process that has just had the lock, and wants it again, comes
 * after whoever waits. Whoever holds it first migrates a control table of an older version; where a process
 * is running tasks by the older one, that is waited for, too.
 */
const acquireWriterLock = (
  pond: Pond,
  signal: AbortSignal,
  first: Try,
): TaskEither<PondError, HeldWriterLock> =>
  steps(async ({ run, fail }) => {
    if (pond.control.readOnly !== null) return fail(pond.control.readOnly);
    const { clock } = pond.ports;
    const { name: path, tryAcquire, queue } = pond.writerLock;
    const begun = clock.monotonicMs();
    let next = first;
    let place: HeldWriterLock | null = null;
    try {
      for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        const mayTry = place !== null || !(await run(queue.othersWait()));
        const tried = mayTry ? await next() : right(null);
        if (mayTry) next = () => tryAcquire()();
        if (isLeft(tried) && !isPassing(tried.left)) return fail(tried.left);
        const lock = isLeft(tried) ? null : tried.right;
        if (lock === null && !isLeft(tried) && pause === FIRST_PAUSE) {
          const parent = await refusedByParent(pond);
          if (parent !== null) return fail(parent);
        }
        const refused = isLeft(tried) ? tried.left : lock === null ? null : await migrationRefused(pond);
        if (lock !== null) {
          if (refused === null) {
            makeControlPrivate(pond.ports, layout(pond.directory).control);
            turns.set(pond.writerLock, clock.monotonicMs());
            return lock;
          }
          await lock.release();
          if (refused._tag !== 'ControlInUse') return fail(refused);
        }
        const now = clock.monotonicMs();
        const waitedMs = Math.round(now - begun);
        const lastTurn = Math.max(begun, turns.get(pond.writerLock) ?? begun);
        const leftMs = pond.options.lockTimeoutMs - Math.round(now - lastTurn);
        if (leftMs <= 0) {
          const holder = (await holderOf(pond)) ?? notedHolder(pond);
          const by = holder === null ? null : { pid: holder.pid, command: holder.command };
          return fail(refused ?? { _tag: 'PondLocked', path, waitedMs, holder: by });
        }
        place ??= await run(queue.tryEnter());
        await clock.sleep(
          Math.min(place === null ? pause : Math.min(pause, LONGEST_PAUSE_OF_NEXT), leftMs),
          signal,
        );
        if (signal.aborted) return fail({ _tag: 'Interrupted', call: 'waiting for the lock' });
      }
    } finally {
      await place?.release();
    }
  });

/** A database cannot be reached, or has just ended the connection: it may be starting again. */
const isPassing = (error: PondError): boolean =>
  error._tag === 'ControlFailed' && error.code === SERVER_TRY_AGAIN;

/** Reason why the control table cannot be brought to the present version; null: it is, by now. */
const migrationRefused = async ({ control }: Pond): Promise<ControlError | null> => {
  const migrated = await control.migrate()();
  return isLeft(migrated) ? migrated.left : null;
};

/** Migrates a control table of an older version before something that records without writing to the pond. */
export const migrateControl = (pond: Pond, signal: AbortSignal): TaskEither<PondError, void> =>
  pond.control.isOlder() ? withWriterLock(pond, signal, TE.right(undefined)) : TE.right(undefined);
