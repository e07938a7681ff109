import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { NoUserState, UserState } from '../ports/user-state.js';

const ApprovalCodec = t.readonly(
  t.type(
    {
      digest: t.string,
      /** Kind of thing that has the digest. */
      of: t.keyof({ configuration: null, files: null, node: null, remote: null, control: null }),
      /** Time of the approval, microseconds since the epoch. */
      approved_at: t.number,
      /** The command that approved it. */
      by: t.string,
      /** The pond's directory then, for people: an approval holds wherever the pond is. */
      directory: t.string,
    },
    'Approval',
  ),
);

/** Approval that one user has given once, for one machine. */
export type Approval = t.TypeOf<typeof ApprovalCodec>;

const FOLDER = 'approvals';

/** Keeps an approval, durably; one that is there already stays as it is. */
export const approve = (state: UserState, approval: Approval): Either<NoUserState, void> => {
  const known = isApproved(state, approval.digest);
  if (isLeft(known)) return known;
  return known.right
    ? right(undefined)
    : state.keep(FOLDER, approval.digest, `${JSON.stringify(approval)}\n`)();
};

export const isApproved = (state: UserState, digest: string): Either<NoUserState, boolean> => {
  const kept = state.read(FOLDER, digest)();
  return isLeft(kept) ? kept : right(kept.right !== null);
};

/** All approvals, newest first. What cannot be read as one is shown by its digest alone. */
export const listApprovals = (state: UserState): Either<NoUserState, readonly Approval[]> => {
  const names = state.names(FOLDER)();
  if (isLeft(names)) return names;
  const approvals: Approval[] = [];
  for (const digest of names.right) {
    const kept = state.read(FOLDER, digest)();
    if (isLeft(kept)) return kept;
    if (kept.right !== null) approvals.push(readApproval(digest, kept.right));
  }
  return right(approvals.sort((a, b) => b.approved_at - a.approved_at || (a.digest < b.digest ? -1 : 1)));
};

const readApproval = (digest: string, text: string): Approval => {
  try {
    const decoded = ApprovalCodec.decode(JSON.parse(text));
    if (decoded._tag === 'Right') return { ...decoded.right, digest };
  } catch {
    // It counts as an approval by its name, and can be revoked by it.
  }
  return { digest, of: 'configuration', approved_at: 0, by: 'unreadable', directory: '' };
};

/** Revokes one digest, or all that were approved for a directory; returns those that were. */
export const revokeApprovals = (
  state: UserState,
  which: string,
): Either<NoUserState, readonly Approval[]> => {
  const all = listApprovals(state);
  if (isLeft(all)) return all;
  const revoked = all.right.filter(({ digest, directory }) => directory === which || isDigest(digest, which));
  for (const { digest } of revoked) {
    const gone = state.forget(FOLDER, digest)();
    if (isLeft(gone)) return gone;
  }
  return right(revoked);
};

/** A digest may be given by its beginning, as `--list` shows it. */
const isDigest = (digest: string, given: string): boolean =>
  /^[0-9a-f]{12,64}$/.test(given) && digest.startsWith(given);
