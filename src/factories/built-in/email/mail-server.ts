import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { MailServer } from '../../../ports/network/mailer.js';

/** Greedy up to the last `@`: a password may have any character in it. */
const ADDRESS = /^(smtps?):\/\/(?:(.*)@)?(\[[0-9A-Fa-f:.]+\]|[^@/?#:[\]\s]+)(?::(\d{1,5}))?\/?(?:\?(.*))?$/s;

const DEFAULT_PORT = { smtps: 465, smtp: 587 } as const;

const EXPECTED = 'expected smtps://user:password@host:465, or smtp://host:587';

/**
 * Reads the address of a mail server. User and password stand in it as they are, without percent-encoding. `smtps` is
 * TLS from the beginning. `smtp` begins in the clear: with a password STARTTLS is required, without one it is used where the
 * server offers it; `?starttls=required` and `?starttls=never` say otherwise. The error repeats nothing of the address.
 */
export const readMailServer = (address: string): Either<string, MailServer> => {
  const match = ADDRESS.exec(address);
  if (match === null) return left(EXPECTED);
  const [, scheme, login, host = '', port, query] = match;
  const isSecure = scheme === 'smtps';
  const number = port === undefined ? DEFAULT_PORT[isSecure ? 'smtps' : 'smtp'] : Number(port);
  if (number < 1 || number > 65_535) return left('the port is a number from 1 to 65535');
  const credentials = login === undefined ? null : credentialsOf(login);
  if (login !== undefined && credentials === null)
    return left('expected user and password, with a : between them');
  const common = { host: host.replace(/^\[|\]$/g, ''), port: number, credentials };
  switch (query) {
    case undefined:
    case '': {
      const security = isSecure ? 'tls' : credentials === null ? 'starttls-if-offered' : 'starttls';
      return right({ ...common, security });
    }
    case 'starttls=required':
      return isSecure
        ? left('smtps is TLS from the beginning, without STARTTLS')
        : right({ ...common, security: 'starttls' });
    case 'starttls=never':
      if (isSecure) return left('smtps is TLS from the beginning, without STARTTLS');
      return credentials === null
        ? right({ ...common, security: 'none' })
        : left('a password is not sent without TLS: leave starttls=never out, or write smtps://');
    default:
      return left('after the ? there can be starttls=required or starttls=never');
  }
};

const credentialsOf = (login: string): MailServer['credentials'] => {
  const colon = login.indexOf(':');
  return colon < 1 ? null : { user: login.slice(0, colon), password: login.slice(colon + 1) };
};
