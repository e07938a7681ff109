import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { GoneCommits, KnownCommit } from '../../control/records/known-commits.js';
import { steps } from '../../effects/steps.js';
import type { LoggedCommit } from '../../tlogfs/tlog.js';
import { recordUnknownCommits } from '../commit/rolling-forward/record-unknown-commits.js';
import { rollForward } from '../commit/rolling-forward/roll-forward.js';
import { withWriterLock } from '../commit/writers/writer-lock.js';
import type { PondError } from '../errors.js';
import { refuseInsideTask } from '../pond/inside/surroundings.js';
import { refuseStrangeLinks } from '../pond/opening/linked-directories.js';
import { bothEnds, compareAll } from '../pond/opening/older-copies.js';
import { type OpeningOptions, openPond } from '../pond/opening/open-pond.js';
import { putControlAside } from '../pond/opening/put-control-aside.js';
import { layout, type Pond } from '../pond/pond.js';
import type { StewardPorts } from '../steward-ports.js';

/** Result of a rebuild. */
export interface RebuiltControl {
  /** Commits that the control table had not known. */
  readonly added: number;
  /** Commits that the log no longer tells of, since another engine removed its oldest entries. */
  readonly forgotten: number;
  /** Contents that cannot be read any more, which tasks of those commits may need. */
  readonly contentsForgotten: number;
  /** Path to which an unusable database was put aside, if there was one. */
  readonly putAside: string | null;
}

/**
 * Makes the control table of a pond complete again from the commits' log entries: a lost one is made again, an older
 * copy gets what it does not know, and one that cannot be used is put aside first.
 */
export const rebuildControl = (
  ports: StewardPorts,
  directory: string,
  options: OpeningOptions,
): TE.TaskEither<PondError, RebuiltControl> => {
  const open = openPond(ports, directory, { ...options, createControl: true });
  return steps(async ({ run, fail }) => {
    // A pond in a store has its own links, of this user's.
    const refusal = options.shared === undefined ? refuseStrangeLinks(ports, directory) : null;
    if (refusal !== null) return fail(refusal);
    const opened = await open();
    // What others' ponds keep where a pond in a store says is not put aside.
    const mayPutAside =
      options.shared === undefined && isLeft(opened) && opened.left._tag === 'ControlUnusable';
    if (isLeft(opened) && !mayPutAside) return fail(opened.left);
    const apart = isLeft(opened) ? null : await run(commitsApart(opened.right));
    // A server has the new table in the place of the other at once, while the lock is held.
    const isUsable = isRight(opened) && (apart === null || opened.right.fleet !== null);
    if (isRight(opened) && !isUsable) opened.right.control.close();
    const putAside = isUsable ? null : await run(putControlAside(ports, controlOf(directory, options)));
    const pond = isUsable ? opened.right : await run(open);
    const completed = await run(
      TE.bracket(
        TE.right(pond),
        () => completeControl(pond, apart, new AbortController().signal),
        ({ control }) => TE.fromIO(control.close),
      ),
    );
    return { ...completed, putAside: putAside ?? completed.putAside };
  });
};

/**
 * All commits that the control table has recorded, where it and the log have gone on apart: both have a commit under one
 * number, and a table cannot have two. Null where they have not.
 */
const commitsApart = (pond: Pond): TE.TaskEither<PondError, readonly KnownCommit[] | null> =>
  pipe(
    refuseInsideTask(pond, 'rebuild-control'),
    TE.flatMap(() => compareAll(pond)),
    TE.flatMap(({ gone }) =>
      pipe(
        bothEnds(pond),
        TE.flatMap(({ newest: { isReplaced } }) =>
          isReplaced || gone.some((commit) => commit.isReplaced) ? pond.control.commits() : TE.right(null),
        ),
      ),
    ),
  );

/** The directory of a control table that is one: a pond in a store has but a link to it among its copies. */
const controlOf = (directory: string, { shared }: OpeningOptions): string =>
  shared?.control._tag === 'Directory' ? shared.control.directory : layout(directory).control;

/** `before`: what a table knew that has gone on apart; null: it has not. */
const completeControl = (
  pond: Pond,
  before: readonly KnownCommit[] | null,
  signal: AbortSignal,
): TE.TaskEither<PondError, RebuiltControl> =>
  pipe(
    refuseInsideTask(pond, 'rebuild-control'),
    TE.flatMap(() =>
      withWriterLock<PondError, RebuiltControl>(
        pond,
        signal,
        steps(async ({ run }) => {
          const putAside = before === null ? null : await run(putServerAside(pond, before));
          const { rebuilt } = await run(rollForward(pond));
          const commits = await run(pond.tlog.commitsAfter(0));
          // Of the table that was put aside the numbers stay: they are not given out again.
          const gone = goneOf(before ?? [], commits);
          if (gone.length > 0)
            await run(pond.control.recordGone({ gone, returned: [] }, pond.ports.clock.nowMicros()));
          const added = await run(recordUnknownCommits(pond, commits));
          // Nobody knows what has fired: nothing that was due before now is made up for.
          if ((await run(pond.place.firings.from())) !== null)
            await run(pond.place.firings.settle(pond.ports.clock.nowMicros()));
          const rows = rebuilt + added === 0 ? [] : await run((await run(pond.tlog.snapshot())).rowsAfter(0));
          return {
            added: rebuilt + added,
            forgotten: Math.max(0, (commits[0]?.txnSeq ?? 1) - 1),
            contentsForgotten: rows.filter((row) => row.forgotten !== undefined).length,
            putAside,
          };
        }),
        'allow',
      ),
    ),
  );

/** Commits that were recorded, and that the log does not have. */
const goneOf = (recorded: readonly KnownCommit[], logged: readonly LoggedCommit[]): GoneCommits['gone'] => {
  const ids = new Set(logged.map(({ txnId }) => txnId));
  return recorded
    .filter(({ txnId }) => !ids.has(txnId))
    .map(({ txnSeq, txnId }) => ({ txnSeq, txnId, isReplaced: false }));
};

/** Puts the table on a server aside; returns where it is then. One in a directory has been put aside before it was opened: null. */
const putServerAside = (
  pond: Pond,
  before: readonly KnownCommit[],
): TE.TaskEither<PondError, string | null> =>
  steps(async ({ run, fail }) => {
    if (pond.fleet === null) return null;
    const { workers } = await run(pond.control.fleetStatus());
    if (workers.length > 0) await fail({ _tag: 'TableInUse', path: pond.address, workers });
    const gone = goneOf(before, await run(pond.tlog.commitsAfter(0)));
    return run(pond.fleet.putAside(gone, pond.ports.clock.nowMicros()));
  });
