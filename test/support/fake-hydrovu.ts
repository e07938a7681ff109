// The server of docs/examples/hydrovu, typed, and reached without a network by a client whose time passes when it waits.

import { left, right } from 'fp-ts/lib/Either.js';
import type { Clock } from '../../src/ports/clock.js';
import type { HttpAnswer, HttpClient } from '../../src/ports/network/http-client.js';

export interface FakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly way?: 'hang' | 'cut' | 'drop' | 'expire' | undefined;
}

export interface FakeFault {
  readonly on?: string;
  readonly times?: number;
  readonly status?: number;
  readonly retryAfter?: string;
  readonly body?: string;
  readonly way?: 'hang' | 'cut' | 'drop' | 'expire';
}

export interface FakeReading {
  readonly parameterId: string;
  readonly unitId: string;
  readonly timestamp: number;
  readonly value: unknown;
}

export interface FakeHydroVu {
  readonly switches: {
    pageSeconds: number;
    locationsPerPage: number;
    expiresIn: number;
    order: 'given' | 'reversed';
    emptyNextPage: boolean;
    repeatsPage: boolean;
    endExclusive: boolean;
    /** Seconds of time in a question that is answered; a longer one is a 504. */
    longestRange: number;
    acceptsBasic: boolean;
    acceptsBody: boolean;
  };
  readonly handle: (request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }) => FakeAnswer;
  readonly requests: (part?: string) => readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly at: number;
  }[];
  readonly tokens: () => number;
  readonly addLocation: (id: string, name: string, description?: string) => void;
  readonly addReadings: (
    id: string,
    parameterId: string,
    unitId: string,
    values: readonly (readonly [unknown, unknown])[],
    options?: { readonly knownFrom?: number; readonly custom?: boolean },
  ) => void;
  readonly readings: (id: string) => readonly FakeReading[];
  readonly fail: (fault: FakeFault) => void;
}

interface FakeModule {
  readonly fakeHydroVu: (
    options?: Partial<FakeHydroVu['switches']> & {
      readonly now?: () => number;
      readonly clientId?: string;
      readonly clientSecret?: string;
    },
  ) => FakeHydroVu;
  readonly serveHydroVu: (
    fake: FakeHydroVu,
    port?: number,
  ) => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
}

const file: string = new URL('../../docs/examples/hydrovu/fake-hydrovu.mjs', import.meta.url).href;
export const { fakeHydroVu, serveHydroVu }: FakeModule = await import(file);

/** A clock whose time passes as soon as somebody waits and nothing else is left to do. `start`: seconds since the epoch. */
export const impatientClock = (start: number): Clock & { readonly advance: (seconds: number) => void } => {
  let passed = 0;
  return {
    nowMicros: () => start * 1e6 + passed * 1000,
    monotonicMs: () => passed,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds <= 0 || signal?.aborted === true) return resolve();
        const stop = () => {
          clearImmediate(turn);
          resolve();
        };
        const turn = setImmediate(() => {
          signal?.removeEventListener('abort', stop);
          passed += milliseconds;
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
    giveWay: async () => undefined,
    advance: (seconds) => {
      passed += seconds * 1000;
    },
  };
};

/** A client for which the fake is the whole network. */
export const clientOf = (
  handle: FakeHydroVu['handle'],
  onAnswer: (url: string) => void = () => undefined,
): HttpClient => ({
  send:
    ({ method, url, headers, body, signal, maxAnswerBytes }) =>
    async () => {
      const answer = handle({
        method,
        headers,
        body: Buffer.from(body).toString(),
        url: `${url.pathname}${url.search}`,
      });
      onAnswer(url.href);
      if (answer.way === 'drop')
        return left({ _tag: 'HttpFailed', code: 'ECONNRESET', message: 'socket hang up' });
      if (answer.way === 'hang') {
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        return left({ _tag: 'HttpFailed', code: 'ABORT_ERR', message: 'aborted' });
      }
      const bytes = Buffer.from(answer.body);
      const isCut = answer.way === 'cut' || bytes.length > maxAnswerBytes;
      const kept =
        answer.way === 'cut' ? bytes.subarray(0, bytes.length / 2) : bytes.subarray(0, maxAnswerBytes);
      return right({
        status: answer.status,
        headers: answer.headers,
        body: kept,
        isCut,
      } satisfies HttpAnswer);
    },
});
