import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { FactoryError, GatherContext, Gathered } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';
import { failingOf } from '../collecting/failing.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { patientRequests } from '../http/patient-requests.js';
import { deviceReadings } from './device-readings.js';
import { knownTimes, newestOf } from './device-series.js';
import { type Dictionaries, type HydroVuApi, type HydroVuLocation, hydroVuApi } from './hydrovu-api.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';
import { type DeviceNews, writeNews } from './write-news.js';

/** The earliest time that a reading is believed: a logger that has lost its clock counts from the epoch. */
const FLOOR = 86_400;
const DAY_MS = 86_400_000;
const USUAL_POINTS = 100_000;
const MIB = 1024 * 1024;

export const requestsOf = (deps: RequestDeps, context: GatherContext, config: HydroVuConfig) =>
  patientRequests(deps, context, {
    timeoutMs: config.timeout ?? 60_000,
    maxAnswerBytes: (config.max_answer_mib ?? 64) * MIB,
    perMinute: config.requests_per_minute ?? 900,
  });

/** Asks for what each device has since its newest event; what came is written in one transaction. */
export const gatherReadings = (
  deps: RequestDeps,
  context: GatherContext,
  config: HydroVuConfig,
): TaskEither<FactoryError, Gathered> =>
  steps(async ({ fail }) => {
    const { failed } = failingOf('hydrovu', context);
    let asking = '';
    const told = { ...context, progress: (words: string) => context.progress(`${asking}${words}`) };
    const requests = requestsOf(deps, told, config);
    const api = hydroVuApi(deps.clock, requests, config);
    const active = config.devices.filter((device) => device.active !== false);
    const names = active.length === 0 ? NO_NAMES : await api.dictionaries();
    if (isLeft(names)) {
      const { message, retryable, retryAfterMs } = names.left;
      return fail(failed(message, { retryable, ...(retryAfterMs === null ? {} : { retryAfterMs }) }));
    }
    // One reading from the future would hide all that come before it.
    const until = Math.floor(deps.clock.nowMicros() / 1e6);
    const isKnown = knownLocations(api);
    const news: DeviceNews[] = [];
    for (const [at, device] of active.entries()) {
      asking = `${device.name} (${at + 1} of ${active.length}), `;
      if (context.signal.aborted) return fail(failed('interrupted'));
      const asked = { api, names: names.right, until, isKnown };
      const one = await newsOf(context, config, device, asked);
      if (one.error !== null)
        context.log.log('error', 'device_failed', { device: device.name, error: one.error });
      news.push(one);
    }
    const { requests: count, bytes } = requests.spent();
    return { write: (writer) => writeNews(writer, config, news, { requests: count, bytes }) };
  });

const NO_NAMES = { _tag: 'Right', right: { parameters: new Map(), units: new Map() } } as const;

/** Locations of the account, asked for once and only where it matters; null where they could not be had. */
const knownLocations = (api: HydroVuApi): ((id: string) => Promise<boolean | null>) => {
  let locations: readonly HydroVuLocation[] | null | undefined;
  return async (id) => {
    if (locations === undefined) {
      const answer = await api.locations();
      locations = isLeft(answer) ? null : answer.right;
    }
    return locations === null ? null : locations.some((location) => location.id === id);
  };
};

interface Asked {
  readonly api: HydroVuApi;
  readonly names: Dictionaries;
  readonly until: number;
  readonly isKnown: (id: string) => Promise<boolean | null>;
}

/** Everything of one device, errors included: no device's trouble is another's. */
const newsOf = async (
  context: GatherContext,
  config: HydroVuConfig,
  device: HydroVuDevice,
  { api, names, until, isKnown }: Asked,
): Promise<DeviceNews> => {
  const none = { device, table: null, pages: 0, hasMore: false };
  try {
    const newest = await newestOf(context.fs, config, device);
    const from =
      newest === null
        ? Math.max(FLOOR, device.since ?? config.since ?? 0)
        : Math.max(FLOOR, newest + 1 - overlapOf(config));
    const known = await knownTimes(context.fs, config, device, from);
    const readings = deviceReadings(names, { from, until, known });
    const pages = api.readings(device.id, from, until);
    const most = config.max_points_per_run ?? USUAL_POINTS;
    let [count, taken] = [0, 0];
    for (;;) {
      const next = await pages.next();
      if (next.done === true) {
        const error = next.value?.message ?? null;
        // A location that nobody knows looks like one without news, for ever.
        if (error === null && count === 0 && newest === null && (await isKnown(device.id)) === false)
          return {
            ...none,
            error: `there is no location ${device.id}; pond run ${context.path} locations shows them`,
          };
        return { device, table: readings.table(), pages: count, hasMore: error !== null, error };
      }
      count += 1;
      taken += readings.add(next.value);
      // A page has all parameters of its stretch of time, so that what follows is later than all that is there.
      if (taken >= most) return { device, table: readings.table(), pages: count, hasMore: true, error: null };
    }
  } catch (thrown) {
    return { ...none, error: thrownMessage(thrown) };
  }
};

/** Seconds before the newest reading in which there may be others that are new. */
const overlapOf = ({ overlap = DAY_MS }: HydroVuConfig): number => Math.floor(overlap / 1000);
