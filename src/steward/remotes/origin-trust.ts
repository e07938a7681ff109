import type { Either } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { StorePlace } from '../../ports/object-store.js';
import { originDigest } from '../pond/replica.js';
import type { StewardPorts } from '../steward-ports.js';
import { approveAddress, type NamedAddress, refuseUntrustedAddress } from '../trust/named-addresses.js';

/** Address of the remote that a replica follows. */
const originOf = (directory: string, place: StorePlace): NamedAddress => ({
  what: 'remote',
  address: place.url,
  digest: originDigest(place),
  directory,
  store: place.url,
});

/** Approves an address that this user has named himself: a replica goes back to it. */
export const approveOrigin = (
  ports: Pick<StewardPorts, 'userState' | 'clock' | 'logger'>,
  directory: string,
  place: StorePlace,
  command: string,
): void => approveAddress(ports, originOf(directory, place), { command, otherwise: 'give --trust' });

/** Refuses an address that the pond's directory names and this user has not. */
export const refuseUntrustedOrigin = (
  ports: Pick<StewardPorts, 'userState' | 'host'>,
  directory: string,
  place: StorePlace,
  trust: 'approved' | 'all',
): Either<NotTrusted, void> => refuseUntrustedAddress(ports, originOf(directory, place), trust);
