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
    const problem = databaseProblem(address);
    return problem === null ? right({ _tag: 'Postgres', address }) : invalid(problem);
  }
  return invalid('it begins with postgres:// or file:///');
};

/** Reason why an address does not name one server, role and database; null where it does. */
const databaseProblem = (address: string): string | null => {
  const example = 'as in postgres://host:5432/database';
  if (!URL.canParse(address)) return `its host and port are not those of one server, ${example}`;
  const { hostname, username, pathname } = new URL(address);
  if (hostname.includes(',')) return `it names several hosts, and one is asked, ${example}`;
  return [hostname, username, pathname].every(isEscaped)
    ? null
    : 'a % in a name is written %25, as in any address';
};

/** Tells whether a part of an address stands for a text that a server can be told. */
const isEscaped = (part: string): boolean => {
  try {
    return !decodeURIComponent(part).includes('\0');
  } catch (problem) {
    if (problem instanceof URIError) return false;
    throw problem;
  }
};

const withoutCredentials = (address: string): string => address.replace(/:\/\/[^/@]*@/, '://***@');
