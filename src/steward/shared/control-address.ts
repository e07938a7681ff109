import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { StorePlace } from '../../ports/object-store.js';
import { approve, isApproved } from '../../trust/approvals.js';
import { isTrustedPlace, trustedPlaces } from '../../trust/trusted-places.js';
import type { PondError } from '../errors.js';
import type { SharedControl } from '../pond/shared-pond.js';
import type { StewardPorts } from '../steward-ports.js';

/** Reads the address of a control table. Credentials never stand in it: the pond says it to everybody who reads it. */
export const controlAt = (address: string): Either<PondError, SharedControl> => {
  const invalid = (problem: string) =>
    left({ _tag: 'InvalidControl', address: withoutCredentials(address), problem } as const);
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(address) ?? [];
  if (scheme === 'file') {
    if (!rest.startsWith('/') || rest.length < 2) return invalid('a directory is named by its absolute path');
    if (rest.split('/').includes('..')) return invalid('a path with .. is not taken');
    return right({ _tag: 'Directory', address, directory: rest.replace(/\/+$/, '') });
  }
  if (scheme === 'postgres' || scheme === 'postgresql') {
    const [, authority = ''] = /^([^/?#]*)/.exec(rest) ?? [];
    if (authority.includes(':') && authority.includes('@') && /:[^@]*@/.test(authority)) {
      return invalid(
        'its password comes from the environment, $PGPASSWORD or ~/.pgpass, not from the address',
      );
    }
    if (/[?&](password|sslpassword|passfile)=/i.test(rest)) {
      return invalid(
        'its password comes from the environment, $PGPASSWORD or ~/.pgpass, not from the address',
      );
    }
    return right({ _tag: 'Postgres', address });
  }
  return invalid('it begins with postgres:// or file:///');
};

const withoutCredentials = (address: string): string => address.replace(/:\/\/[^/@]*@/, '://***@');

type TrustPorts = Pick<StewardPorts, 'userState' | 'clock' | 'logger' | 'host'>;

/** Digest by which a user approves the control table that a pond at an address names. */
const controlDigest = ({ url, endpoint }: StorePlace, control: string): string =>
  sha256(canonicalJson({ digest_of: 'pond-steward control, 1', url, endpoint: endpoint ?? null, control }));

/** Approves a control table that this user has named himself for a pond. */
export const approveControl = (
  ports: TrustPorts,
  place: StorePlace,
  control: string,
  command: string,
): void => {
  const kept = approve(ports.userState, {
    digest: controlDigest(place, control),
    of: 'control',
    approved_at: ports.clock.nowMicros(),
    by: command,
    directory: place.url,
  });
  if (isLeft(kept)) {
    ports.logger.log('warn', 'approval_not_kept', {
      problem: kept.left.problem,
      remedy: 'set POND_STATE_DIR to a directory of your own, or give --control each time',
    });
  }
};

/** Refuses a control table that the store names and this user has not: his credentials would be sent there. */
export const refuseUntrustedControl = (
  { userState, host }: TrustPorts,
  place: StorePlace,
  control: string,
  trust: 'approved' | 'all',
): Either<NotTrusted, void> => {
  const named = trustedPlaces(host.variables.POND_TRUST);
  const isNamed = !isLeft(named) && isTrustedPlace(named.right, place.url);
  if (trust === 'all' || isNamed) return right(undefined);
  const approved = isApproved(userState, controlDigest(place, control));
  if (!isLeft(approved) && approved.right) return right(undefined);
  return left({
    _tag: 'NotTrusted',
    directory: place.url,
    what: 'control',
    of: control,
    wouldRun: [],
    problem: isLeft(approved) ? approved.left.problem : null,
  });
};
