// Exports of several commits that run side by side, as they do where a runner was taken for dead, and are killed anywhere.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect } from 'vitest';
import type { PondPath } from '../src/domain/paths/pond-path.js';
import { sendExport } from '../src/factories/built-in/s3-export/send-export.js';
import { NO_TELEMETRY } from '../src/ports/no-telemetry.js';
import type { ObjectStore } from '../src/ports/object-store.js';
import type { Entry, PondReader } from '../src/tinyfs/tinyfs.js';
import { postCommitContext, readerOf } from '../test/factories/contexts.js';
import { memoryStore } from '../test/support/memory-store.js';
import { prop } from '../test/support/prop.js';

type Files = Readonly<Record<string, string>>;

const MANIFEST = '.pond-export.json';

const readerOfCommit = (files: Files): PondReader => {
  const paths = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/site/${name}`, text]));
  const entries = Object.entries(paths).map(([path, text]) => ({
    path,
    entryType: 'file',
    size: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  })) as unknown as readonly Entry[];
  return { ...readerOf(paths), collectMatches: () => TE.right({ entries, unreadable: [] }) };
};

/** A request that waits for its turn. */
interface Waiting {
  readonly attempt: number;
  readonly proceed: () => void;
}

/** The store of one attempt, whose requests wait until they are let through. */
const inTurn = (store: ObjectStore, attempt: number, waiting: Waiting[]): ObjectStore => {
  const turn = () =>
    new Promise<void>((resolve) => {
      waiting.push({ attempt, proceed: resolve });
    });
  const gated =
    <A extends readonly unknown[], R>(call: (...input: A) => () => Promise<R>) =>
    (...input: A) =>
    async () => {
      await turn();
      return call(...input)();
    };
  return { ...store, put: gated(store.put), get: gated(store.get), delete: gated(store.delete) };
};

/** Time that does not pass where something long is waited for. */
const clock = {
  nowMicros: () => 0,
  monotonicMs: () => 0,
  giveWay: async () => undefined,
  sleep: (milliseconds: number, signal?: AbortSignal) =>
    milliseconds < 30_000
      ? Promise.resolve()
      : new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
};

const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

const exportOf = (store: ObjectStore, txnSeq: number, files: Files) =>
  sendExport(
    {
      stores: { open: () => TE.right(store) } as never,
      clock,
      random: { fraction: () => 0.5 },
      telemetry: NO_TELEMETRY,
    },
    postCommitContext({
      path: '/etc/system.d/30-export' as PondPath,
      txnSeq,
      fs: readerOfCommit(files),
    }),
    { source: '/site/**', strip_prefix: '/site', url: 's3://bucket/site' },
  )();

const bucketOf = (objects: ReadonlyMap<string, Uint8Array>): Files =>
  Object.fromEntries(
    [...objects]
      .filter(([key]) => key !== MANIFEST)
      .map(([key, content]) => [key, Buffer.from(content).toString()])
      .sort(),
  );

const sortedFiles = (files: Files): Files => Object.fromEntries(Object.entries(files).sort());

const commits = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z')), {
  minLength: 2,
  maxLength: 4,
});

describe('a mirror in a bucket', () => {
  prop(
    [
      commits,
      fc.array(fc.record({ turn: fc.nat(7), kills: fc.nat(11) }), { minLength: 10, maxLength: 60 }),
      fc.boolean(),
    ],
    { numRuns: 300 },
  )(
    'is as the newest commit after its next export, however attempts overtook each other or were killed; where none failed or was killed, it is so at once',
    async (contents, turns, mayKill) => {
      const store = memoryStore();
      const waiting: Waiting[] = [];
      const killed = new Set<number>();
      const outcomes = contents.map(async (files, index) =>
        isLeft(await exportOf(inTurn(store, index, waiting), index + 1, files)) ? 'failed' : 'done',
      );
      const isOver = new Set<number>();
      let newestBegun = 0;
      outcomes.forEach((outcome, index) => void outcome.then(() => isOver.add(index)));
      const goesOn = () => contents.some((_, index) => !isOver.has(index) && !killed.has(index));
      for (let step = 0; goesOn(); step += 1) {
        await settled();
        const { turn, kills } = turns[step % turns.length] ?? { turn: 0, kills: 1 };
        const open = waiting.filter(({ attempt }) => !killed.has(attempt));
        const next = open[turn % Math.max(1, open.length)];
        if (next === undefined) continue;
        waiting.splice(waiting.indexOf(next), 1);
        // Killed before its request has its effect, or after; one that was overtaken must still say so.
        const isKilled = mayKill && kills < 2 && next.attempt >= newestBegun;
        if (isKilled) killed.add(next.attempt);
        if (isKilled && kills === 0) continue;
        newestBegun = Math.max(newestBegun, next.attempt);
        next.proceed();
      }
      const newest = contents.at(-1) ?? {};
      const ended = await Promise.all(outcomes.filter((_, index) => !killed.has(index)));
      if (killed.size === 0 && ended.every((outcome) => outcome === 'done'))
        expect(bucketOf(store.objects)).toEqual(sortedFiles(newest));
      await exportOf(store, contents.length, newest);
      expect(bucketOf(store.objects)).toEqual(sortedFiles(newest));
    },
  );
});
