import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';

/** Address and exposure of a server, as they were asked for. */
export interface AddressAsked {
  /** Host and port, such as `127.0.0.1:7117` or `[::1]:7117`. */
  readonly listen: string;
  /** Tells whether there is a certificate. */
  readonly hasTls: boolean;
  /** The address by which browsers reach the server, such as `https://pond.example.org`; null: that at which it listens. */
  readonly origin: string | null;
}

/** A server that would not be safe, or an address that is none. */
export interface UnsafeAddress {
  readonly _tag: 'UnsafeAddress';
  readonly message: string;
  readonly remedy: string;
}

/** Place to listen at. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly isLoopback: boolean;
}

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;
/** Addresses that stand for all that a machine has, and are nobody's name. */
const EVERY = new Set(['0.0.0.0', '::']);

/**
 * Reads where to listen. On loopback anything goes; at another address what is sent would pass through a network, so that
 * it is refused without TLS, unless a proxy in front of it is named by the `https` address that it has.
 */
export const listenAddress = ({
  listen,
  hasTls,
  origin,
}: AddressAsked): Either<UnsafeAddress, ListenAddress> => {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    return left(
      unsafe(`${JSON.stringify(listen)} is not an address to listen at`, '--listen 127.0.0.1:7117'),
    );
  if (origin !== null) {
    const named = originOf(origin);
    if (isLeft(named)) return named;
  }
  const isLoopback = LOOPBACK.test(host);
  if (isLoopback) return right({ host, port, isLoopback });
  const isBehindProxy = origin?.startsWith('https://') ?? false;
  if (!hasTls && !isBehindProxy)
    return left(
      unsafe(
        `at ${host} everybody in between could read the token and the ponds`,
        'give --tls-cert and --tls-key, or name the proxy in front of it by its address: --origin https://pond.example.org',
      ),
    );
  if (origin === null && EVERY.has(host))
    return left(
      unsafe(
        `${host} is not a name by which a browser can reach this server`,
        '--origin https://pond.example.org:7117',
      ),
    );
  return right({ host, port, isLoopback });
};

/** Origins by which a server that listens there is reached, the one to print first. */
export const originsOf = (
  { host, port, isLoopback }: ListenAddress,
  { hasTls, origin }: Pick<AddressAsked, 'hasTls' | 'origin'>,
): readonly string[] => {
  const scheme = hasTls ? 'https' : 'http';
  const written = host.includes(':') ? `[${host}]` : host;
  const named = origin === null ? [] : [new URL(origin).origin];
  if (isLoopback) return [...new Set([...named, ...[written, 'localhost', '127.0.0.1', '[::1]'].map(at)])];
  return [...new Set([...named, ...(EVERY.has(host) || !hasTls ? [] : [at(written)])])];

  function at(name: string): string {
    // A port that is the scheme's own is not written.
    return new URL(`${scheme}://${name}:${port}`).origin;
  }
};

const originOf = (text: string): Either<UnsafeAddress, string> => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    `${url.pathname}${url.search}${url.hash}` === '/' &&
    url.username === '';
  return isOrigin
    ? right(url.origin)
    : left(
        unsafe(`${JSON.stringify(text)} is not the address of a server`, '--origin https://pond.example.org'),
      );
};

const unsafe = (message: string, remedy: string): UnsafeAddress => ({
  _tag: 'UnsafeAddress',
  message,
  remedy,
});
