import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import { approve, isApproved } from '../../trust/approvals.js';
import { isTrustedPlace, trustedPlaces } from '../../trust/trusted-places.js';
import type { StewardPorts } from '../steward-ports.js';

/** An address that a pond names: whoever goes there sends credentials of the user's. */
export interface NamedAddress {
  readonly what: 'remote' | 'control';
  readonly address: string;
  /** Digest by which a user approves it. */
  readonly digest: string;
  /** The pond that names it, or its address in a store. */
  readonly directory: string;
  /** URL of the store, which `POND_TRUST` may name. */
  readonly store: string;
}

type ApprovingPorts = Pick<StewardPorts, 'userState' | 'clock' | 'logger'>;

/** Approves an address that this user has named himself in a command. `otherwise`: what to do where approvals cannot be kept. */
export const approveAddress = (
  { userState, clock, logger }: ApprovingPorts,
  { what, digest, directory }: Omit<NamedAddress, 'address' | 'store'>,
  { command, otherwise }: { readonly command: string; readonly otherwise: string },
): void => {
  const approved_at = clock.nowMicros();
  const kept = approve(userState, { digest, of: what, approved_at, by: command, directory });
  if (isLeft(kept)) {
    logger.log('warn', 'approval_not_kept', {
      problem: kept.left.problem,
      remedy: `set POND_STATE_DIR to a directory of your own, or ${otherwise}`,
    });
  }
};

/** Refuses an address that this user has neither approved nor named in `POND_TRUST`. */
export const refuseUntrustedAddress = (
  { userState, host }: Pick<StewardPorts, 'userState' | 'host'>,
  { what, address, digest, directory, store }: NamedAddress,
  trust: 'approved' | 'all',
): Either<NotTrusted, void> => {
  const named = trustedPlaces(host.variables.POND_TRUST);
  const isNamed = !isLeft(named) && isTrustedPlace(named.right, store);
  if (trust === 'all' || isNamed) return right(undefined);
  const approved = isApproved(userState, digest);
  if (!isLeft(approved) && approved.right) return right(undefined);
  const problem = isLeft(approved) ? approved.left.problem : null;
  return left({ _tag: 'NotTrusted', directory, what, of: address, wouldRun: [], problem });
};
