import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import type { HttpProblem, PatientRequests } from '../http/patient-requests.js';
import { broken, jsonIn, problemOf } from './hydrovu-answers.js';
import type { SignIn } from './sign-in.js';

/** Answer to a request, and the token under which it was made, which no message may have in it. */
export interface SignedInAnswer {
  readonly answer: HttpAnswer;
  readonly token: string;
}

/** Requests under a token. */
export interface SignedInRequests {
  /** Asks once more, with another token, where the first answer is 401. */
  readonly get: (requestClass: string, url: URL) => Promise<Either<HttpProblem, SignedInAnswer>>;
  /** Pages of a list, until an answer names no next one; the last thing is an error, or null where all were read. */
  readonly pages: (requestClass: string, url: URL) => AsyncGenerator<unknown, HttpProblem | null>;
}

/** Pages of one list: a server that never ends is left alone. */
const MOST_PAGES = 20_000;

export const signedInRequests = (requests: PatientRequests, signedIn: SignIn): SignedInRequests => {
  const getPage = async (
    requestClass: string,
    url: URL,
    startPage: string,
  ): Promise<Either<HttpProblem, SignedInAnswer>> => {
    for (let attempt = 1; ; attempt += 1) {
      const signed = await signedIn.token();
      if (isLeft(signed)) return signed;
      const token = signed.right;
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(startPage === '' ? {} : { 'x-isi-start-page': startPage }),
      };
      const asked = await requests.ask({ requestClass, url, headers, hides: [token] });
      if (isLeft(asked)) return asked;
      const answer = asked.right;
      if (answer.status !== 401) return right({ answer, token });
      if (attempt > 1) return left(problemOf('asking', url, answer, token));
      signedIn.forget();
    }
  };

  async function* pages(requestClass: string, url: URL): AsyncGenerator<unknown, HttpProblem | null> {
    const seen = new Set<string>();
    for (let page = ''; ; ) {
      const got = await getPage(requestClass, url, page);
      if (isLeft(got)) return got.left;
      const { answer, token } = got.right;
      // No readings from then on, which a logger that sleeps has.
      if (answer.status === 404 && requestClass === 'hydrovu.readings') return null;
      if (answer.status !== 200) return problemOf('asking', url, answer, token);
      const value = jsonIn(answer);
      if (isLeft(value)) return broken(url, 'answered what is not JSON');
      yield value.right;
      page = answer.headers['x-isi-next-page']?.trim() ?? '';
      if (page === '') return null;
      if (seen.has(page)) return broken(url, 'named a next page that it had named before');
      if (seen.add(page).size > MOST_PAGES) return broken(url, `has more than ${MOST_PAGES} pages`);
    }
  }

  return { get: (requestClass, url) => getPage(requestClass, url, ''), pages };
};
