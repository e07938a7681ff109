import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Clock } from '../../../ports/clock.js';
import { saidText } from '../collecting/said-text.js';
import type { HttpProblem, PatientRequests } from '../http/patient-requests.js';
import { broken, isObject, objectIn, problemOf } from './hydrovu-answers.js';
import type { HydroVuConfig } from './hydrovu-config.js';
import { narrowingOf, type TooMuch } from './narrowing.js';
import { signIn } from './sign-in.js';
import { signedInRequests } from './signed-in-requests.js';

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

/** Signs in when the first request is made, again before the token ends, and once more where a request says 401. */
export const hydroVuApi = (clock: Clock, requests: PatientRequests, config: HydroVuConfig): HydroVuApi => {
  const at = addressesIn(new URL(config.base_url ?? BASE));
  const signedIn = signIn(clock, requests, config, at('/oauth/token'));
  const { get, pages } = signedInRequests(requests, signedIn);
  const tooMuch: TooMuch = { width: Number.POSITIVE_INFINITY, isPointless: false };
  return {
    dictionaries: async () => {
      const url = at('/v1/sispec/friendlynames');
      const got = await get('hydrovu.dictionaries', url);
      if (isLeft(got)) return got;
      const { answer, token } = got.right;
      const said = answer.status === 200 ? objectIn(answer) : null;
      if (said === null) return left(problemOf('asking for names', url, answer, token));
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
        const { mayBeTooMuch, problem } = yield* readingsBefore(end, url, pages('hydrovu.readings', url));
        if (problem === null) {
          if (end === null || end > until) return null;
          from = end;
          narrowing.widen();
        } else if (!mayBeTooMuch || !narrowing.narrow(problem, from)) return problem;
      }
    },
  };
};

const addressesIn =
  (base: URL) =>
  (path: string): URL => {
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`;
    return url;
  };

/** Readings of one question. `mayBeTooMuch`: none of them were handed out, and the same may be asked for in pieces. */
async function* readingsBefore(
  end: number | null,
  url: URL,
  pages: AsyncGenerator<unknown, HttpProblem | null>,
): AsyncGenerator<
  readonly ParameterReadings[],
  { readonly mayBeTooMuch: boolean; readonly problem: HttpProblem | null }
> {
  for (let mayBeTooMuch = true; ; mayBeTooMuch = false) {
    const next = await pages.next();
    if (next.done === true) return { mayBeTooMuch, problem: next.value };
    const parameters = isObject(next.value) ? next.value.parameters : null;
    if (!Array.isArray(parameters)) {
      const problem = broken(url, 'answered what is not readings of a location');
      return { mayBeTooMuch: false, problem };
    }
    yield parameters.map(readingsOf).map((parameter) => before(end, parameter));
  }
}

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
