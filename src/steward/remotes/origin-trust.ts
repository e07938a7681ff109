import type { Either } from 'fp-ts/lib/Either.js';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { StorePlace } from '../../ports/object-store.js';
import { approve, isApproved } from '../../trust/approvals.js';
import { isTrustedPlace, trustedPlaces } from '../../trust/trusted-places.js';
import { originDigest } from '../pond/replica.js';
import type { StewardPorts } from '../steward-ports.js';

type TrustPorts = Pick<StewardPorts, 'userState' | 'clock' | 'logger' | 'host'>;

/** Approves an address that this user has named himself: a replica goes back to it. */
export const approveOrigin = (
  ports: TrustPorts,
  directory: string,
  place: StorePlace,
  command: string,
): void => {
  const approved_at = ports.clock.nowMicros();
  const approval = {
    digest: originDigest(place),
    of: 'remote' as const,
    approved_at,
    by: command,
    directory,
  };
  const kept = approve(ports.userState, approval);
  if (isLeft(kept)) {
    ports.logger.log('warn', 'approval_not_kept', {
      problem: kept.left.problem,
      remedy: 'set POND_STATE_DIR to a directory of your own, or give --trust',
    });
  }
};

/** Refuses an address that the pond's directory names and this user has not: his credentials would be sent there. */
export const refuseUntrustedOrigin = (
  { userState, host }: TrustPorts,
  directory: string,
  place: StorePlace,
  trust: 'approved' | 'all',
): Either<NotTrusted, void> => {
  const named = trustedPlaces(host.variables.POND_TRUST);
  const isNamed = !isLeft(named) && isTrustedPlace(named.right, place.url);
  if (trust === 'all' || isNamed) return right(undefined);
  const approved = isApproved(userState, originDigest(place));
  if (!isLeft(approved) && approved.right) return right(undefined);
  return left({
    _tag: 'NotTrusted',
    directory,
    what: 'remote',
    of: place.url,
    wouldRun: [],
    problem: isLeft(approved) ? approved.left.problem : null,
  });
};
