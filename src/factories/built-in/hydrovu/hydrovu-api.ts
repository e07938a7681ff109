import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { parseExactJson } from '../../../domain/documents/exact-json.js';
import type { Clock } from '../../../ports/clock.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { saidText } from '../collecting/said-text.js';
import { describeAnswer, type HttpProblem, hiding, type PatientRequests } from '../http/patient-requests.js';
import type { HydroVuConfig } from './hydrovu-config.js';
import { narrowingOf, type TooMuch } from './narrowing.js';

/** Names of parameters and units by their ids. */
export interface Dictionaries {
  readonly parameters: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, string>;
}

/** A location of the account. */
export interface HydroVuLocation {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Readings of one parameter in one unit, as a page has them; what a reading is made of has not been looked at. */
export interface ParameterReadings {
  readonly parameterId: string;
  readonly unitId: string;
  readonly readings: readonly unknown[];
}

/** The API, signed in. */
export interface HydroVuApi {
  readonly dictionaries: () => Promise<Either<HttpProblem, Dictionaries>>;
  readonly locations: () => Promise<Either<HttpProblem, readonly HydroVuLocation[]>>;
  /**
   * Pages of readings between two times, in seconds; the last thing is an error, or null where all were read. Where all of it at once
   * is too much for the server, it is asked for piece by piece.
   */
  readonly readings: (
    id: string,
    startTime: number,
    until: number,
  ) => AsyncGenerator<readonly ParameterReadings[], HttpProblem | null>;
}

const BASE = 'https://www.hydrovu.com/public-api';
/** Milliseconds before its end at which a token is renewed; of a token that does not last two minutes, half of its time. */
const EARLY = 60_000;
const HOUR = 3_600;
/** Pages of one list: a server that never ends is left alone. */
const MOST_PAGES = 20_000;

/** Signs in when the first request is made, again before the token ends, and once more where a request says 401. */
export const hydroVuApi = (clock: Clock, requests: PatientRequests, config: HydroVuConfig): HydroVuApi => {
  const base = new URL(config.base_url ?? BASE);
  const at = (path: string): URL => {
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`;
    return url;
  };
  const tooMuch: TooMuch = { width: Number.POSITIVE_INFINITY, isPointless: false };
  let token: { readonly text: string; readonly until: number } | null = null;

  const signIn = async (): Promise<Either<HttpProblem, string>> => {
    if (token !== null && clock.monotonicMs() < token.until) return right(token.text);
    token = null;
    const begun = clock.monotonicMs();
    const url = at('/oauth/token');
    const answer = await requests.ask({
      requestClass: 'hydrovu.token',
      method: 'POST',
      url,
      ...tokenRequest(config),
    });
    if (isLeft(answer)) return answer;
    const said = answer.right.status === 200 ? objectIn(answer.right) : null;
    if (typeof said?.access_token !== 'string') return unexpected('signing in', url, answer.right);
    const lastsMs = (typeof said.expires_in === 'number' ? said.expires_in : HOUR) * 1000;
    token = { text: said.access_token, until: begun + lastsMs - Math.min(EARLY, lastsMs / 2) };
    return right(token.text);
  };

  const get = async (
    requestClass: string,
    url: URL,
    startPage: string,
  ): Promise<Either<HttpProblem, HttpAnswer>> => {
    for (let attempt = 1; ; attempt += 1) {
      const signedIn = await signIn();
      if (isLeft(signedIn)) return signedIn;
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${signedIn.right}`,
        ...(startPage === '' ? {} : { 'x-isi-start-page': startPage }),
      };
      const answer = await requests.ask({ requestClass, url, headers, hides: [signedIn.right] });
      if (isLeft(answer) || answer.right.status !== 401) return answer;
      if (attempt > 1) return left(problemOf('asking', url, answer.right, signedIn.right));
      token = null;
    }
  };

  /** Pages of a list, until an answer names no next one. */
  async function* pages(requestClass: string, url: URL): AsyncGenerator<unknown, HttpProblem | null> {
    const seen = new Set<string>();
    for (let page = ''; ; ) {
      const answer = await get(requestClass, url, page);
      if (isLeft(answer)) return answer.left;
      // No readings from then on, which a logger that sleeps has.
      if (answer.right.status === 404 && requestClass === 'hydrovu.readings') return null;
      if (answer.right.status !== 200) return problemOf('asking', url, answer.right, token?.text);
      const value = jsonIn(answer.right);
      if (isLeft(value)) return broken(url, 'answered what is not JSON');
      yield value.right;
      page = answer.right.headers['x-isi-next-page']?.trim() ?? '';
      if (page === '') return null;
      if (seen.has(page)) return broken(url, 'named a next page that it had named before');
      if (seen.add(page).size > MOST_PAGES) return broken(url, `has more than ${MOST_PAGES} pages`);
    }
  }

  return {
    dictionaries: async () => {
      const url = at('/v1/sispec/friendlynames');
      const answer = await get('hydrovu.dictionaries', url, '');
      if (isLeft(answer)) return answer;
      const said = answer.right.status === 200 ? objectIn(answer.right) : null;
      if (said === null) return unexpected('asking for names', url, answer.right);
      return right({ parameters: namesIn(said.parameters), units: namesIn(said.units) });
    },
    locations: async () => {
      const url = at('/v1/locations/list');
      const found: HydroVuLocation[] = [];
      const all = pages('hydrovu.locations', url);
      for (;;) {
        const next = await all.next();
        if (next.done === true) return next.value === null ? right(found) : left(next.value);
        if (!Array.isArray(next.value)) return left(broken(url, 'answered what is not a list of locations'));
        found.push(...next.value.map(locationOf));
      }
    },
    readings: async function* (id, startTime, until) {
      const narrowing = narrowingOf(until, tooMuch);
      for (let from = startTime; ; ) {
        const end = narrowing.endOf(from);
        const url = at(`/v1/locations/${id}/data`);
        url.searchParams.set('startTime', String(from));
        if (end !== null) url.searchParams.set('endTime', String(end));
        const all = pages('hydrovu.readings', url);
        let isBegun = false;
        let next = await all.next();
        for (; next.done !== true; next = await all.next()) {
          const parameters = isObject(next.value) ? next.value.parameters : null;
          if (!Array.isArray(parameters)) return broken(url, 'answered what is not readings of a location');
          isBegun = true;
          yield parameters.map(readingsOf).map((parameter) => before(end, parameter));
        }
        if (next.value === null) {
          if (end === null || end > until) return null;
          from = end;
          narrowing.widen();
        } else if (isBegun || !narrowing.narrow(next.value, from)) return next.value;
      }
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

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const jsonIn = ({ body }: HttpAnswer): Either<null, unknown> => {
  try {
    return right(parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    // Whoever asked says what was not JSON.
    return left(null);
  }
};

const objectIn = (answer: HttpAnswer): Readonly<Record<string, unknown>> | null => {
  const value = jsonIn(answer);
  return isLeft(value) || !isObject(value.right) ? null : value.right;
};

const namesIn = (value: unknown): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(isObject(value) ? value : {}).flatMap(([id, name]) =>
      typeof name === 'string' && name !== '' ? [[id, name] as const] : [],
    ),
  );

const locationOf = (value: unknown): HydroVuLocation => {
  const { id, name, description } = isObject(value) ? value : {};
  return { id: saidText(id), name: saidText(name), description: saidText(description) };
};

const readingsOf = (value: unknown): ParameterReadings => {
  const { parameterId, unitId, readings } = isObject(value) ? value : {};
  return {
    parameterId: saidText(parameterId),
    unitId: saidText(unitId),
    readings: Array.isArray(readings) ? readings : [],
  };
};

/** Readings before the end of what was asked for: one at the end itself is the first of what is asked for next. */
const before = (end: number | null, parameter: ParameterReadings): ParameterReadings =>
  end === null
    ? parameter
    : {
        ...parameter,
        readings: parameter.readings.filter(
          (reading) => !isObject(reading) || typeof reading.timestamp !== 'number' || reading.timestamp < end,
        ),
      };

const broken = (url: URL, message: string): HttpProblem => ({
  message: `${url.origin}${url.pathname} ${message}`,
  retryable: true,
  retryAfterMs: null,
});

const problemOf = (doing: string, url: URL, answer: HttpAnswer, token = ''): HttpProblem => ({
  message: `${doing} ${url.origin}${url.pathname}: ${hiding(describeAnswer(answer), [token])}`,
  retryable: answer.status < 400,
  retryAfterMs: null,
});

const unexpected = (doing: string, url: URL, answer: HttpAnswer): Either<HttpProblem, never> =>
  left(problemOf(doing, url, answer));
