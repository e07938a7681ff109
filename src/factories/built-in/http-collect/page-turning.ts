import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { saidText } from '../collecting/said-text.js';
import { type ReadAnswer, valueAt } from './answer-rows.js';
import type { PageConfig } from './http-collect-config.js';
import { nextLink } from './link-header.js';

/** A page that was read. */
interface ReadPage {
  readonly url: URL;
  readonly answer: HttpAnswer;
  readonly read: ReadAnswer;
  /** Number of pages so far, and the digest of the one before. */
  readonly pages: number;
  readonly previous: string;
}

/** Result of turning a page. */
export interface TurnedPage {
  /** The address of the page after this one; null after the last. */
  readonly next: URL | null;
  readonly digest: string;
}

/**
 * Turns to the page after this one. A server may answer, for all that comes after it, with its last page, or name that as the next one:
 * then that is the end. Where it has answered nothing else yet, it may as well not know the parameter that it is asked by.
 */
export const turnPage = (page: PageConfig | undefined, turned: ReadPage): Either<string, TurnedPage> => {
  if (page === undefined) return right({ next: null, digest: '' });
  const named = nextPage(page, turned);
  if (isLeft(named)) return named;
  const digest = createHash('sha256').update(turned.answer.body).digest('hex');
  const isSame = digest === turned.previous;
  const isItself = named.right?.href === turned.url.href;
  const isNumbered = page.number !== undefined;
  if (isSame && (isItself || (isNumbered && turned.pages === 2))) return left(sameAgain(page));
  return right({ next: isItself || (isSame && isNumbered) ? null : named.right, digest });
};

const sameAgain = ({ parameter, number }: PageConfig): string => {
  const asked = parameter ?? number;
  const why =
    asked === undefined
      ? 'it names a next page that it does not have'
      : `is ${asked} the parameter that it takes? Leave out config.page where it has one page only`;
  return `answered the page before once more: ${why}`;
};

const nextPage = (page: PageConfig, { url, answer, read }: ReadPage): Either<string, URL | null> => {
  if (page.link === true) return within(url, nextLink(answer.headers.link ?? ''));
  if (page.next !== undefined) return within(url, saidText(valueAt(read.document, page.next)));
  if (page.number !== undefined) {
    if (read.rows === 0) return right(null);
    const number = Number(url.searchParams.get(page.number) ?? page.first ?? 1);
    return right(withParameter(url, page.number, String(number + 1)));
  }
  const cursor = saidText(valueAt(read.document, page.cursor ?? ''));
  // Many servers say 0 where there is no next page, and it is that of no page but the first.
  return right(cursor === '' || cursor === '0' ? null : withParameter(url, page.parameter ?? '', cursor));
};

/** An address with a parameter set. */
export const withParameter = (url: URL, name: string, value: string): URL => {
  const other = new URL(url);
  other.searchParams.set(name, value);
  return other;
};

/**
 * An address that a server names, which may be relative, and of its own host without TLS where it is asked with it. One of another host is refused: whoever answers there was not named
 * in the configuration, and would be sent its headers. A name and a password are those of the address that was asked.
 */
export const within = (url: URL, named: string): Either<string, URL | null> => {
  if (named === '') return right(null);
  const next = URL.canParse(named, url.href) ? new URL(named, url) : null;
  if (next === null) return left('named an address that is none');
  // Servers behind something that speaks TLS for them do not know that they are asked by it.
  const secured = new URL(next);
  if (url.protocol === 'https:' && next.protocol === 'http:') secured.protocol = 'https:';
  const place = next.origin === 'null' ? next.protocol : next.origin;
  if (secured.origin !== url.origin)
    return left(`leads to ${place}, which is not asked: write the address where it leads to`);
  secured.username = url.username;
  secured.password = url.password;
  return right(secured);
};
