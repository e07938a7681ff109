import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { saidText } from '../collecting/said-text.js';
import { type ReadAnswer, valueAt } from './answer-rows.js';
import type { PageConfig } from './http-collect-config.js';

/** A page that was read. */
export interface TurnedPage {
  readonly url: URL;
  readonly answer: HttpAnswer;
  readonly read: ReadAnswer;
}

/** The address of the page after this one; null after the last. */
export const nextPage = (
  page: PageConfig | undefined,
  { url, answer, read }: TurnedPage,
): Either<string, URL | null> => {
  if (page === undefined) return right(null);
  if (page.link === true) return within(url, linkIn(answer.headers.link));
  if (page.next !== undefined) return within(url, saidText(valueAt(read.document, page.next)));
  if (page.number !== undefined) {
    if (read.rows === 0) return right(null);
    const number = Number(url.searchParams.get(page.number) ?? page.first ?? 1);
    return right(withParameter(url, page.number, String(number + 1)));
  }
  const cursor = saidText(valueAt(read.document, page.cursor ?? ''));
  return right(cursor === '' ? null : withParameter(url, page.parameter ?? '', cursor));
};

/** An address with a parameter set. */
export const withParameter = (url: URL, name: string, value: string): URL => {
  const other = new URL(url);
  other.searchParams.set(name, value);
  return other;
};

/**
 * An address that a server names, which may be relative. One of another host is refused: whoever answers there was not named
 * in the configuration, and would be sent its headers.
 */
export const within = (url: URL, named: string): Either<string, URL | null> => {
  if (named === '') return right(null);
  const next = URL.canParse(named, url.href) ? new URL(named, url) : null;
  if (next === null) return left('named an address that is none');
  return next.origin === url.origin
    ? right(next)
    : left(`leads to ${next.origin}, which is not asked: write the address where it leads to`);
};

/** The address of `rel="next"` in a header Link (RFC 8288); empty where there is none. */
const linkIn = (header: string | undefined): string => {
  for (const [, address = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>((?:\s*;[^,<]*)*)/g))
    if (/;\s*rel\s*=\s*"?(?:[^";]*\s)?next(?:\s[^";]*)?"?\s*(?:;|$)/i.test(parameters)) return address;
  return '';
};
