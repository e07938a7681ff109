import type { Either } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { StorePlace } from '../../ports/object-store.js';
import type { StewardPorts } from '../steward-ports.js';
import { approveAddress, type NamedAddress, refuseUntrustedAddress } from '../trust/named-addresses.js';

/** Address of the control table that a pond in a store names. */
const controlOf = ({ url, endpoint }: StorePlace, control: string): NamedAddress => ({
  what: 'control',
  address: control,
  digest: sha256(
    canonicalJson({ digest_of: 'pond-steward control, 1', url, endpoint: endpoint ?? null, control }),
  ),
  directory: url,
  store: url,
});

/** Approves a control table that this user has named himself for a pond. */
export const approveControl = (
  ports: Pick<StewardPorts, 'userState' | 'clock' | 'logger'>,
  place: StorePlace,
  control: string,
  command: string,
): void =>
  approveAddress(ports, controlOf(place, control), { command, otherwise: 'give --control each time' });

/** Refuses a control table that the store names and this user has not. */
export const refuseUntrustedControl = (
  ports: Pick<StewardPorts, 'userState' | 'host'>,
  place: StorePlace,
  control: string,
  trust: 'approved' | 'all',
): Either<NotTrusted, void> => refuseUntrustedAddress(ports, controlOf(place, control), trust);
