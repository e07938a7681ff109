import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { sha256 } from '../../../domain/documents/sha256.js';
import type { Plan } from '../../../domain/plans/plan.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { PersistenceView } from '../../../tinyfs/persistence.js';
import type { Pond } from '../../pond/pond.js';

/**
 * Digest of all that decides how tasks are run, and whether a worker runs them: the plan, which does not say which commit it is of, and the
 * configuration of their state. Commits that change neither have the same one.
 */
export const setupOfTasks = (
  { configurations }: Pick<Pond, 'configurations'>,
  { checksum }: Pick<Plan, 'checksum'>,
  view: PersistenceView,
): TE.TaskEither<TinyFsError, string> =>
  pipe(
    configurations.digestOf(view),
    TE.map((digest) => sha256(`${checksum} ${digest}`)),
  );
