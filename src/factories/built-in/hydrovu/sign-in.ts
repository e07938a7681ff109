import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Clock } from '../../../ports/clock.js';
import type { HttpProblem, PatientRequests } from '../http/patient-requests.js';
import { objectIn, problemOf } from './hydrovu-answers.js';
import type { HydroVuConfig } from './hydrovu-config.js';

/** The token under which requests are made. */
export interface SignIn {
  /** Signs in where there is no token, or it ends soon. */
  readonly token: () => Promise<Either<HttpProblem, string>>;
  /** Forgets a token that the server has refused. */
  readonly forget: () => void;
}

/** Milliseconds before its end at which a token is renewed; of a token that does not last two minutes, half of its time. */
const EARLY = 60_000;
const HOUR = 3_600;

export const signIn = (
  clock: Pick<Clock, 'monotonicMs'>,
  requests: PatientRequests,
  config: HydroVuConfig,
  url: URL,
): SignIn => {
  let token: { readonly text: string; readonly until: number } | null = null;
  return {
    token: async () => {
      if (token !== null && clock.monotonicMs() < token.until) return right(token.text);
      token = null;
      const begun = clock.monotonicMs();
      const answer = await requests.ask({
        requestClass: 'hydrovu.token',
        method: 'POST',
        url,
        ...tokenRequest(config),
      });
      if (isLeft(answer)) return answer;
      const said = answer.right.status === 200 ? objectIn(answer.right) : null;
      if (typeof said?.access_token !== 'string') return left(problemOf('signing in', url, answer.right));
      const lastsMs = (typeof said.expires_in === 'number' ? said.expires_in : HOUR) * 1000;
      token = { text: said.access_token, until: begun + lastsMs - Math.min(EARLY, lastsMs / 2) };
      return right(token.text);
    },
    forget: () => {
      token = null;
    },
  };
};

const tokenRequest = ({ client_id, client_secret, sign_in = 'basic' }: HydroVuConfig) => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'read:locations read:data',
    ...(sign_in === 'body' ? { client_id, client_secret } : {}),
  });
  const basic = Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`);
  return {
    body: form.toString(),
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(sign_in === 'basic' ? { authorization: `Basic ${basic.toString('base64')}` } : {}),
    },
  };
};
