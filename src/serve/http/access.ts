import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Ids } from '../../ports/ids.js';
import type { NoUserState, UserState } from '../../ports/user-state.js';
import type { RequestError } from './exchange/http-error.js';

/** Seconds for which a browser keeps the cookie. */
const THIRTY_DAYS = 30 * 86_400;

/** Name under which the token is kept. */
const KEPT_AS = 'token';

/**
 * The token of this user, the same for all servers and after a restart; `renewed`: another one from now on. The state
 * directory keeps a word for it, and the key that makes a token of the word.
 */
export const userToken = (
  { userState, ids }: { readonly userState: UserState; readonly ids: Ids },
  renewed: boolean,
): IOEither<NoUserState, string> => {
  return () => {
    const kept = userState.read('serve', KEPT_AS)();
    if (isLeft(kept)) return kept;
    const word = renewed || kept.right === null ? ids.uuidV7() : kept.right;
    if (word !== kept.right) {
      const keeping = userState.keep('serve', KEPT_AS, word)();
      if (isLeft(keeping)) return keeping;
    }
    const made = userState.hmac(`pond serve ${word}`)();
    return isLeft(made) ? made : right(Buffer.from(made.right, 'hex').toString('base64url'));
  };
};

/** Secrets by which requests show that they are the user's, all made of one token. */
export interface Access {
  /** Origins by which the server is reached. */
  readonly origins: readonly string[];
  readonly token: string;
  /** Name of the cookie; each port has its own, since browsers send cookies to all ports of a host. */
  readonly cookieName: string;
  /** Value of the cookie. Alone it opens nothing, since other servers of the same host are sent it, too. */
  readonly cookie: string;
  /** The page keeps it where only pages of the same origin, port included, can read it. Alone it opens nothing either. */
  readonly pageKey: string;
}

export const accessBy = (token: string, origins: readonly string[], port: number): Access => {
  const part = (name: string) => createHmac('sha256', token).update(name).digest('base64url');
  const prefix = origins.every((origin) => origin.startsWith('https://')) ? '__Host-' : '';
  return {
    origins,
    token,
    cookieName: `${prefix}pond-${port}`,
    cookie: part('cookie'),
    pageKey: part('page'),
  };
};

/** Header of a request in which the page shows its key. */
const PAGE_KEY_HEADER = 'x-pond-key';

type Headers = Readonly<Record<string, string | undefined>>;

/** The origin of another page, or a name that only leads here, refuses a request: names can be made to lead anywhere. */
export const originError = (headers: Headers, { origins }: Access): RequestError | null => {
  const { host = '', origin } = headers;
  const hosts = origins.map((own) => new URL(own).host);
  if (!hosts.includes(host.toLowerCase())) return { _tag: 'OtherOrigin', header: 'Host', value: host };
  if (origin !== undefined && !origins.includes(origin))
    return { _tag: 'OtherOrigin', header: 'Origin', value: origin };
  return null;
};

/** The same of what a page of another site, or of another port, has made a browser ask. */
export const siteError = (headers: Headers): RequestError | null => {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none'
    ? null
    : { _tag: 'OtherOrigin', header: 'Sec-Fetch-Site', value: site };
};

/** Tells whether a request carries the token, or both the cookie and the page's key. */
export const isAuthenticated = (headers: Headers, access: Access): boolean => {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return isSame(bearer, access.token);
  const cookie = cookieIn(headers.cookie ?? '', access.cookieName);
  const key = headers[PAGE_KEY_HEADER];
  return cookie !== null && key !== undefined && isSame(cookie, access.cookie) && isSame(key, access.pageKey);
};

export const isToken = (text: string, { token }: Access): boolean => isSame(text, token);

/** The cookie as it is set; one that is empty ends the session. */
export const setCookie = ({ cookieName, cookie }: Access, isThere: boolean): string =>
  [
    `${cookieName}=${isThere ? cookie : ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    ...(cookieName.startsWith('__Host-') ? ['Secure'] : []),
    `Max-Age=${isThere ? THIRTY_DAYS : 0}`,
  ].join('; ');

const cookieIn = (header: string, name: string): string | null => {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
};

/** Compares in a time that says nothing of where they differ. */
const isSame = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};
