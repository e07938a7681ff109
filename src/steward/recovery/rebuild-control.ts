import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { recordUnknownCommits } from '../commit/record-unknown-commits.js';
import { rollForward } from '../commit/roll-forward.js';
import { withWriterLock } from '../commit/writer-lock.js';
import type { PondError } from '../errors.js';
import { openPond } from '../pond/open-pond.js';
import { layout, type Pond } from '../pond/pond.js';
import { putControlAside } from '../pond/put-control-aside.js';
import type { OpenOptions } from '../steward.js';
import type { StewardPorts } from '../steward-ports.js';

/** What a rebuild did. */
export interface RebuiltControl {
  /** Commits that the control table had not known. */
  readonly added: number;
  /** Commits that the log no longer tells of, since another engine removed its oldest entries. */
  readonly forgotten: number;
  /** Where an unusable database was put aside, if there was one. */
  readonly putAside: string | null;
}

/**
 * Makes the control table of a pond complete again from the commits' log entries: a lost one is made again, an older
 * copy gets what it does not know, and one that cannot be used is put aside first.
 */
export const rebuildControl = (
  ports: StewardPorts,
  directory: string,
  options: OpenOptions,
): TE.TaskEither<PondError, RebuiltControl> => {
  const open = openPond(ports, directory, { ...options, createControl: true });
  return pipe(
    open,
    TE.map((pond): { readonly pond: Pond; readonly putAside: string | null } => ({ pond, putAside: null })),
    TE.orElse((error) =>
      error._tag === 'ControlUnusable'
        ? pipe(
            putControlAside(ports, layout(directory).control),
            TE.bindTo('putAside'),
            TE.bind('pond', () => open),
          )
        : TE.left(error),
    ),
    TE.flatMap(({ pond, putAside }) =>
      pipe(
        completeControl(pond, new AbortController().signal),
        TE.map((completed) => ({ ...completed, putAside })),
        TE.tapIO(() => pond.control.close),
        TE.tapError(() => TE.fromIO(pond.control.close)),
      ),
    ),
  );
};

const completeControl = (
  pond: Pond,
  signal: AbortSignal,
): TE.TaskEither<PondError, Omit<RebuiltControl, 'putAside'>> =>
  pond.options.insideTask
    ? TE.left({ _tag: 'RefusedInsideTask', call: 'rebuild-control' })
    : withWriterLock(
        pond,
        signal,
        pipe(
          rollForward(pond),
          TE.bindTo('rolled'),
          TE.bindW('commits', () => pond.tlog.commitsAfter(0)),
          TE.bindW('added', ({ commits }) => recordUnknownCommits(pond, commits)),
          TE.map(({ rolled, commits, added }) => ({
            added: rolled.rebuilt + added,
            forgotten: Math.max(0, (commits[0]?.txnSeq ?? 1) - 1),
          })),
        ),
      );
