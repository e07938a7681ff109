import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { PondError } from '../errors.js';
import type { SharedControl } from '../pond/shared-pond.js';

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
    if (/:[^@]*@/.test(authority) || /[?&](password|sslpassword|passfile)=/i.test(rest)) {
      return invalid(
        'its password comes from the environment, $PGPASSWORD or ~/.pgpass, not from the address',
      );
    }
    return right({ _tag: 'Postgres', address });
  }
  return invalid('it begins with postgres:// or file:///');
};

const withoutCredentials = (address: string): string => address.replace(/:\/\/[^/@]*@/, '://***@');
