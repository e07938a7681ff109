import { isLeft, map, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Approval, approve, listApprovals, revokeApprovals } from '../../trust/approvals.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { StewardPorts } from '../steward-ports.js';
import type { GivenApproval, Trust } from '../trust-survey.js';
import { surveyTrust } from './survey-trust.js';

/** Looks at ponds, and keeps what the user approves of them. */
export const trustOf = (
  ports: Pick<StewardPorts, 'userState' | 'clock'>,
  open: (directory: string) => TE.TaskEither<PondError, Pond>,
): Trust => ({
  survey: (directory, at) =>
    TE.bracket(
      open(directory),
      (pond) => surveyTrust(pond, at),
      ({ control }) => TE.fromIO(control.close),
    ),
  approve: ({ directory, approvables }, by) => {
    const open = approvables.filter(({ isApproved }) => !isApproved);
    for (const { digest, of } of open) {
      const kept = approve(ports.userState, {
        digest,
        of,
        approved_at: ports.clock.nowMicros(),
        by,
        directory,
      });
      if (isLeft(kept)) return kept;
    }
    return right(open.length);
  },
  list: () =>
    pipe(
      listApprovals(ports.userState),
      map((approvals) => approvals.map(given)),
    ),
  revoke: (which) =>
    pipe(
      revokeApprovals(ports.userState, which),
      map((approvals) => approvals.map(given)),
    ),
});

const given = ({ digest, of, approved_at: approvedAt, by, directory }: Approval): GivenApproval => ({
  digest,
  of,
  approvedAt,
  by,
  directory,
});
