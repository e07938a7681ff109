// A pond in memory whose whole network is a function.

import { isLeft } from 'fp-ts/lib/Either.js';
import { parquetColumns } from '../../../src/factories/built-in/collecting/parquet-columns.js';
import { httpCollect } from '../../../src/factories/built-in/http-collect/http-collect.js';
import type { Factory } from '../../../src/factories/factory.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import { clientOf, type FakeAnswer, impatientClock } from '../../support/fake-hydrovu.js';

export interface Asked {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly error: string | null;
  readonly committed: boolean;
  readonly report: Readonly<Record<string, unknown>> | null;
}

export interface ApiPond {
  readonly pond: MemoryPond;
  readonly clock: ReturnType<typeof impatientClock>;
  readonly asked: Asked[];
  readonly run: () => Promise<Ran>;
  /** Values of all versions of a series, by column, in their order. */
  readonly column: (path: string, name: string) => Promise<readonly unknown[]>;
}

export const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): FakeAnswer => ({
  status: 200,
  headers,
  body: JSON.stringify(body),
});

const NOW = Date.UTC(2026, 5, 30) / 1000;

export const apiPond = async (
  config: Readonly<Record<string, unknown>>,
  answer: (asked: Asked) => FakeAnswer,
): Promise<ApiPond> => {
  const asked: Asked[] = [];
  const clock = impatientClock(NOW);
  const http = clientOf(({ url, headers }) => {
    const request = { url: new URL(url, 'https://api.test'), headers };
    asked.push(request);
    return answer(request);
  });
  const factory = httpCollect({
    clock,
    http,
    telemetry: NO_TELEMETRY,
    random: { fraction: () => 0.5 },
  });
  const pond = await createMemoryPond({
    clock,
    factories: [factory as Factory],
    variables: { API_TOKEN: 'a-secret-of-mine' },
  });
  const text = JSON.stringify({ url: 'https://api.test/readings', into: '/in/readings.series', ...config });
  await pond.promises.write(async ({ fs }) => {
    await fs.mkdirAll('/etc/collect.d');
    await fs.createDynamicPath('/etc/collect.d/api', 'file:dynamic', 'http-collect', Buffer.from(text));
  });
  return {
    pond,
    clock,
    asked,
    run: async () => {
      const ran = await pond.steward.run('/etc/collect.d/api')();
      if (isLeft(ran)) {
        const { left: error } = ran;
        return {
          committed: false,
          report: null,
          error: 'message' in error ? String(error.message) : JSON.stringify(error),
        };
      }
      if (ran.right.mode !== 'InTransactionWriter') throw new Error('it is a writer');
      const { outcome, report } = ran.right;
      return { error: null, committed: outcome._tag === 'Committed', report: report as Ran['report'] };
    },
    column: (path, name) =>
      pond.promises.read(async ({ fs }) => {
        const values: unknown[] = [];
        for (const { version } of await fs.versions(path)) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of await fs.read(path, { version })) chunks.push(chunk);
          const { rows, columns } = await parquetColumns(Buffer.concat(chunks));
          values.push(...(columns.get(name)?.values ?? Array.from({ length: rows }, () => null)));
        }
        return values;
      }),
  };
};
