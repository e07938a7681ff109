// A server that behaves like HydroVu's public API, for trying things out without an account, and for tests.
//
//     node fake-hydrovu.mjs --port 8017      sign in with id "me" and secret "open"; see the end of this file

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const NAMES = {
  parameters: {
    1: 'Temperature',
    2: 'Pressure',
    3: 'Depth',
    4: 'Level: Depth to Water',
    5: 'Level: Elevation',
    9: 'Actual Conductivity',
    10: 'Specific Conductivity',
    11: 'Resistivity',
    12: 'Salinity',
    13: 'Total Dissolved Solids',
    14: 'Density',
    16: 'Baro',
    20: 'DO',
    26: 'Battery Voltage',
    33: 'Battery Level',
  },
  units: {
    1: 'C',
    2: 'F',
    17: 'psi',
    35: 'm',
    38: 'ft',
    65: 'µS/cm',
    81: 'Ω-cm',
    97: 'psu',
    117: 'mg/L',
    129: 'g/cm³',
    163: 'V',
    241: '%',
  },
};
const DAY = 86_400;
const HTTP_DATE = (seconds) => new Date(seconds * 1000).toUTCString();

/**
 * The server's state and its answers. `now`: seconds since the epoch, by which tokens end and readings become known.
 * `switches` may be changed while it runs: `pageSeconds`, `locationsPerPage`, `expiresIn`, `order` ('given' or 'reversed'),
 * `emptyNextPage` (the last page has the header, empty), `repeatsPage`, `endExclusive`, `longestRange` (seconds in one question), `acceptsBasic`, `acceptsBody`.
 */
export const fakeHydroVu = ({
  now = () => Date.now() / 1000,
  clientId = 'me',
  clientSecret = 'open',
  ...given
} = {}) => {
  const switches = {
    pageSeconds: 2 * DAY,
    locationsPerPage: 50,
    expiresIn: 3600,
    order: 'given',
    emptyNextPage: false,
    repeatsPage: false,
    endExclusive: false,
    longestRange: Number.POSITIVE_INFINITY,
    acceptsBasic: true,
    acceptsBody: true,
    ...given,
  };
  const locations = new Map();
  const tokens = new Map();
  const cursors = new Map();
  const faults = [];
  const requests = [];
  let issued = 0;

  const answer = (status, body, headers = {}) => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

  const signIn = ({ headers, body }) => {
    const form = new URLSearchParams(body);
    const [, encoded = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
    const basic = Buffer.from(encoded, 'base64').toString().split(':').map(decodeURIComponent);
    const isBasic = switches.acceptsBasic && basic[0] === clientId && basic[1] === clientSecret;
    const inBody = form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    if (!isBasic && !(switches.acceptsBody && inBody)) return answer(401, { error: 'invalid_client' });
    if (form.get('grant_type') !== 'client_credentials')
      return answer(400, { error: 'unsupported_grant_type' });
    const token = createHash('sha256').update(`${clientSecret} ${issued}`).digest('hex');
    issued += 1;
    tokens.set(token, now() + switches.expiresIn);
    return answer(200, { access_token: token, token_type: 'Bearer', expires_in: switches.expiresIn });
  };

  /** Cuts what is there into pages; a cursor belongs to one path and query. */
  const paged = (url, headers, pages) => {
    const key = `${url.pathname}${url.search}`;
    const from = headers['x-isi-start-page'] ?? '';
    const cursor = from === '' ? { key, page: 0 } : cursors.get(from);
    if (cursor === undefined || cursor.key !== key) return answer(400, { error: 'invalid start page' });
    const isLast = cursor.page + 1 >= pages.length && !switches.repeatsPage;
    const next = createHash('sha256')
      .update(`${key} ${switches.repeatsPage ? 1 : cursor.page + 1}`)
      .digest('hex');
    if (!isLast) cursors.set(next, { key, page: cursor.page + 1 });
    const paging = isLast
      ? switches.emptyNextPage
        ? { 'x-isi-next-page': '' }
        : {}
      : { 'x-isi-next-page': next };
    return answer(200, pages[cursor.page] ?? '[]', { ...paging, 'x-isi-requests-this-minute': '1' });
  };

  const listLocations = (url, headers) => {
    const texts = [...locations.values()].map(
      ({ id, name, description }) =>
        `{"id":${id},"name":${JSON.stringify(name)},"description":${JSON.stringify(description)},"gps":{"latitude":39.4,"longitude":-123.8}}`,
    );
    return paged(
      url,
      headers,
      inParts(texts, switches.locationsPerPage).map((part) => `[${part.join(',')}]`),
    );
  };

  const readingsOf = (url, headers, id) => {
    const location = locations.get(id);
    if (location === undefined) return answer(404, { error: 'no such location' });
    const start = Number(url.searchParams.get('startTime') ?? 0);
    const end = Number(url.searchParams.get('endTime') ?? Number.POSITIVE_INFINITY);
    if (Math.min(end, now()) - start > switches.longestRange) return answer(504, { error: 'timeout' });
    const isWithin = ({ timestamp, knownFrom }) =>
      timestamp >= start &&
      (switches.endExclusive ? timestamp < end : timestamp <= end) &&
      knownFrom <= now();
    const found = location.readings.filter(isWithin).sort((a, b) => a.timestamp - b.timestamp);
    if (found.length === 0) return answer(404, { error: 'no data' });
    return paged(
      url,
      headers,
      pagesOf(found, switches.pageSeconds).map((page) => bodyOf(id, page, switches.order)),
    );
  };

  const route = (request) => {
    const url = new URL(request.url, 'http://fake');
    const path = url.pathname.replace(/^\/public-api/, '');
    if (request.method === 'POST' && path === '/oauth/token') return signIn(request);
    const [, token = ''] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    if ((tokens.get(token) ?? 0) <= now()) return answer(401, { error: 'invalid_token' });
    if (path === '/v1/sispec/friendlynames') return answer(200, NAMES);
    if (path === '/v1/locations/list') return listLocations(url, request.headers);
    const [, id] = /^\/v1\/locations\/(\d+)\/data$/.exec(path) ?? [];
    return id === undefined ? answer(404, { error: 'not found' }) : readingsOf(url, request.headers, id);
  };

  /** The answer of one request, and what is to become of it on its way: `hang`, `cut` or `drop`. */
  const handle = (request) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers, at: now() });
    const at = faults.findIndex(({ on = '' }) => request.url.includes(on));
    const fault = at < 0 ? null : faults[at];
    if (fault !== null) {
      fault.times -= 1;
      if (fault.times <= 0) faults.splice(at, 1);
      if (fault.status !== undefined) {
        const wait = fault.retryAfter === 'date' ? HTTP_DATE(now() + 30) : fault.retryAfter;
        return answer(
          fault.status,
          { error: `fault ${fault.status}` },
          wait === undefined ? {} : { 'retry-after': wait },
        );
      }
      if (fault.body !== undefined) return answer(200, fault.body);
      if (fault.way === 'expire') tokens.clear();
    }
    return { ...route(request), way: fault?.way };
  };

  return {
    switches,
    handle,
    /** Requests so far, whose address contains `part`. */
    requests: (part = '') => requests.filter(({ url }) => url.includes(part)),
    /** Tokens that it has given out so far. */
    tokens: () => issued,
    /** A location; ids are digits, as text. */
    addLocation: (id, name, description = '') => locations.set(id, { id, name, description, readings: [] }),
    /** Readings `[timestamp, value]` of a parameter; the server knows them from `knownFrom` on. */
    addReadings: (id, parameterId, unitId, values, { knownFrom = 0, custom = false } = {}) => {
      for (const [timestamp, value] of values)
        locations.get(id).readings.push({ parameterId, unitId, custom, timestamp, value, knownFrom });
    },
    /** All readings that it has of a location. */
    readings: (id) => locations.get(id).readings,
    /**
     * What becomes of the next `times` requests whose address contains `on`: `{ status, retryAfter }` (`date`: in half a minute),
     * `{ body }`, or `{ way }`: 'hang', 'cut' (within the body), 'drop' (the connection), 'expire' (all tokens).
     */
    fail: (fault) => faults.push({ times: 1, ...fault }),
  };
};

const inParts = (items, size) => {
  const parts = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts.length === 0 ? [[]] : parts;
};

/** Each page begins with a reading and has all that follow within its time. */
const pagesOf = (readings, pageSeconds) => {
  const pages = [];
  for (const reading of readings) {
    const page = pages.at(-1);
    if (page === undefined || reading.timestamp >= page[0].timestamp + pageSeconds) pages.push([reading]);
    else page.push(reading);
  }
  return pages;
};

const bodyOf = (id, readings, order) => {
  const parameters = new Map();
  for (const { parameterId, unitId, custom, timestamp, value } of readings) {
    const key = `${parameterId} ${unitId}`;
    const known = parameters.get(key) ?? { parameterId, unitId, customParameter: custom, readings: [] };
    parameters.set(key, known);
    known.readings.push({ timestamp, value });
  }
  const all = [...parameters.values()];
  const text = JSON.stringify({ parameters: order === 'reversed' ? all.reverse() : all });
  return `{"locationId":${id},${text.slice(1)}`;
};

/** Serves it on loopback; `port` 0 takes any. */
export const serveHydroVu = async (fake, port = 0) => {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const {
      status,
      headers: said,
      body,
      way,
    } = fake.handle({ method, url, headers, body: Buffer.concat(chunks).toString() });
    if (way === 'hang') return;
    if (way === 'drop') return request.socket.destroy();
    response.writeHead(status, { ...said, 'content-length': Buffer.byteLength(body) });
    if (way === 'cut')
      response.write(body.slice(0, Math.floor(body.length / 2)), () => request.socket.destroy());
    else response.end(body);
  });
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/public-api`,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
};

/** A week of readings each quarter of an hour, of two loggers, from 2026-06-01 on. */
const exampleWeek = (fake) => {
  const begin = Date.UTC(2026, 5, 1) / 1000;
  for (const [id, name] of [
    ['4990594334457856', 'pier'],
    ['4745648669458432', 'well'],
  ]) {
    fake.addLocation(id, name);
    const times = Array.from({ length: 7 * 96 }, (_, index) => begin + index * 900);
    const warmth = (time) => Math.round(100 * (12 + 3 * Math.sin((time / DAY) * 2 * Math.PI))) / 100;
    fake.addReadings(
      id,
      '1',
      '1',
      times.map((time) => [time, warmth(time)]),
    );
    fake.addReadings(
      id,
      '4',
      '35',
      times.map((time, index) => [time, Math.round(1000 * (2 + index / 500)) / 1000]),
    );
  }
  return fake;
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const at = process.argv.indexOf('--port');
  const { url } = await serveHydroVu(exampleWeek(fakeHydroVu()), at < 0 ? 0 : Number(process.argv[at + 1]));
  console.log(url);
}
