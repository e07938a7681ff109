// A pond in memory, a fake HydroVu as its whole network, and a clock that nobody waits for.

import { isLeft } from 'fp-ts/lib/Either.js';
import { microsOf, parquetColumns } from '../../../src/factories/built-in/collecting/parquet-columns.js';
import { hydrovu } from '../../../src/factories/built-in/hydrovu/hydrovu.js';
import type { Factory } from '../../../src/factories/factory.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import type { Telemetry } from '../../../src/ports/telemetry.js';
import { clientOf, type FakeHydroVu, fakeHydroVu, impatientClock } from '../../support/fake-hydrovu.js';

/** 2026-06-01, in seconds. */
export const BEGIN = Date.UTC(2026, 5, 1) / 1000;
export const [PIER, WELL] = ['4990594334457856', '4745648669458432'] as const;
const CONFIG_PATH = '/etc/hydrovu.d/noyo';

export interface Row {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly [column: string]: number;
}

export interface CollectingPond {
  readonly fake: FakeHydroVu;
  readonly clock: ReturnType<typeof impatientClock>;
  readonly pond: MemoryPond;
  /** Runs it by hand; an error is returned as its text. */
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** Rows of all series of a device, sorted by time, and how many versions they have. */
  readonly rows: (id: string) => Promise<readonly Row[]>;
  readonly files: (
    pattern: string,
  ) => Promise<readonly { readonly path: string; readonly versions: number }[]>;
  readonly configure: (config: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface Ran {
  readonly error: string | null;
  readonly committed: boolean;
  readonly undone: readonly string[];
  readonly report: {
    readonly [key: string]: unknown;
    readonly devices?: readonly Readonly<Record<string, unknown>>[];
  } | null;
}

const env = (name: string): string => `\${env:${name}}`;

export const PLAIN_CONFIG = {
  client_id: env('HYDRO_KEY_ID'),
  client_secret: env('HYDRO_KEY_VALUE'),
  hydrovu_path: '/hydrovu',
  base_url: 'https://fake.test/public-api',
  devices: [
    { name: 'pier', id: PIER },
    { name: 'well', id: WELL },
  ],
};

export const collectingPond = async (
  config: Readonly<Record<string, unknown>> = {},
  {
    telemetry = NO_TELEMETRY,
    onAnswer,
    begin = BEGIN + 30 * 86_400,
    signal,
  }: {
    readonly telemetry?: Telemetry;
    readonly onAnswer?: (url: string) => void;
    /** The time at which it begins, in seconds. */
    readonly begin?: number;
    /** The signal that ends the next run. */
    readonly signal?: () => AbortSignal;
  } = {},
): Promise<CollectingPond> => {
  const clock = impatientClock(begin);
  const fake = fakeHydroVu({
    now: () => clock.nowMicros() / 1e6,
    clientId: 'me',
    clientSecret: 'a-secret-of-mine',
  });
  fake.addLocation(PIER, 'pier');
  fake.addLocation(WELL, 'well');
  const http = clientOf(fake.handle, onAnswer);
  const factory = hydrovu({
    clock,
    http,
    telemetry,
    random: { fraction: () => 0.5 },
  }) as Factory;
  const pond = await createMemoryPond({
    clock,
    factories: [factory],
    variables: { HYDRO_KEY_ID: 'me', HYDRO_KEY_VALUE: 'a-secret-of-mine' },
  });
  const write = (text: string, overwrite: boolean) =>
    pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/etc/hydrovu.d');
      await fs.createDynamicPath(CONFIG_PATH, 'file:dynamic', 'hydrovu', Buffer.from(text), { overwrite });
    });
  await write(JSON.stringify({ ...PLAIN_CONFIG, ...config }), false);
  const files: CollectingPond['files'] = (pattern) =>
    pond.promises.read(async ({ fs }) => {
      const { entries } = await fs.collectMatches(pattern);
      return Promise.all(
        entries.map(async ({ path }) => ({ path, versions: (await fs.versions(path)).length })),
      );
    });
  return {
    fake,
    clock,
    pond,
    files,
    configure: async (other) =>
      void (await write(JSON.stringify({ ...PLAIN_CONFIG, ...config, ...other }), true)),
    run: async (...args) => {
      const ran = await pond.steward.run(CONFIG_PATH, {
        args,
        ...(signal === undefined ? {} : { signal: signal() }),
      })();
      if (isLeft(ran)) {
        const error = 'message' in ran.left ? String(ran.left.message) : JSON.stringify(ran.left);
        return { error, committed: false, undone: [], report: null };
      }
      if (ran.right.mode !== 'InTransactionWriter') throw new Error('it is a writer');
      const { outcome, undone, report } = ran.right;
      return {
        error: null,
        committed: outcome._tag === 'Committed',
        undone,
        report: report as Ran['report'],
      };
    },
    rows: (id) =>
      pond.promises.read(async ({ fs }) => {
        const rows: Row[] = [];
        const { entries } = await fs.collectMatches(`/hydrovu/devices/${id}/*.series`);
        for (const { path } of entries)
          for (const { version } of await fs.versions(path)) {
            const chunks: Uint8Array[] = [];
            for await (const chunk of await fs.read(path, { version })) chunks.push(chunk);
            rows.push(...(await rowsIn(Buffer.concat(chunks))));
          }
        return rows.toSorted((a, b) => a.time - b.time);
      }),
  };
};

const rowsIn = async (bytes: Uint8Array): Promise<readonly Row[]> => {
  const { rows, columns } = await parquetColumns(bytes);
  return Array.from({ length: rows }, (_, row) => {
    const found: Record<string, number> = {};
    for (const [name, { element, values }] of columns) {
      const value = values[row];
      if (name === 'timestamp') found.time = (microsOf(element, value) ?? Number.NaN) / 1e6;
      else if (typeof value === 'number') found[name] = value;
    }
    return { time: Number.NaN, ...found };
  });
};

/** What the fake has of a location as rows, by times after the floor and not in the future. */
export const rowsOfServer = (
  fake: FakeHydroVu,
  id: string,
  columnOf: Readonly<Record<string, string>>,
): readonly Row[] => {
  const rows = new Map<number, Record<string, number>>();
  for (const { parameterId, unitId, timestamp, value } of fake.readings(id)) {
    const row = rows.get(timestamp) ?? {};
    rows.set(timestamp, row);
    row[columnOf[`${parameterId} ${unitId}`] ?? `${parameterId}.${unitId}`] = value as number;
  }
  return [...rows].map(([time, row]) => ({ time, ...row })).toSorted((a, b) => a.time - b.time);
};

/** Readings every `every` seconds. */
export const every = (
  seconds: number,
  count: number,
  value: (index: number) => number,
  begin = BEGIN,
): readonly (readonly [number, number])[] =>
  Array.from({ length: count }, (_, index) => [begin + index * seconds, value(index)] as const);
