import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { lookingAhead } from '../../src/serve/tasks/looking-ahead.js';
import type { PondError } from '../../src/steward/errors.js';
import { ok } from '../steward/memory-steward.js';

const place = { runnerId: 'r', host: 'h', queues: [] };
const { signal } = new AbortController();
const lost: PondError = {
  _tag: 'ControlFailed',
  path: 'postgres://db',
  code: 'SERVER_LOST',
  message: 'lost',
};

/** A worker that looks ahead, and what it has done; each look takes a while. */
const worker = ({
  rehearsal = TE.right(undefined),
  isOpened = () => true,
  takes = 1,
  mayBeReady = () => false,
}: {
  readonly rehearsal?: TE.TaskEither<PondError, void>;
  readonly isOpened?: () => boolean;
  readonly takes?: number;
  readonly mayBeReady?: () => boolean;
}) => {
  const seen: string[] = [];
  let now = 0;
  const look = lookingAhead({
    clock: { monotonicMs: () => now },
    fleet: {
      rehearse: () => {
        seen.push('rehearsal');
        return rehearsal as TE.TaskEither<never, void>;
      },
    },
    tasks: {
      lookAhead: (how) => async () => {
        seen.push(how);
        now += takes;
        return TE.right(isOpened())();
      },
    },
    mayBeReady,
  });
  const wait = (ms: number) => {
    now += ms;
  };
  return { seen, look: () => look(place, signal)(), wait };
};

test('a worker rehearses once and looks ahead thirty times, or for a while, and after that at what is newer', async () => {
  const { seen, look, wait } = worker({});
  ok(await look());
  expect(seen).toEqual(['rehearsal', 'first', ...Array(29).fill('again')]);
  ok(await look());
  ok(await look());
  expect(seen.slice(31)).toEqual(['newer']);
  // Of its time no more than a twentieth.
  wait(20);
  ok(await look());
  expect(seen.slice(31)).toEqual(['newer', 'newer']);
  const slow = worker({ takes: 100 });
  ok(await slow.look());
  ok(await slow.look());
  expect(slow.seen).toEqual(['rehearsal', 'first', 'again', 'newer']);
});

test('a worker for which something may be ready looks at nothing that is newer', async () => {
  let mayBeReady = false;
  const { seen, look } = worker({ mayBeReady: () => mayBeReady });
  ok(await look());
  mayBeReady = true;
  ok(await look());
  expect(seen).not.toContain('newer');
});

test('a rehearsal that fails is said once, and keeps no worker from its work', async () => {
  const { seen, look } = worker({ rehearsal: TE.left(lost) });
  expect(await look()).toEqual({ _tag: 'Left', left: lost });
  ok(await look());
  expect(seen.slice(0, 2)).toEqual(['rehearsal', 'first']);
});

test('what is refused is not looked at again in the same turn', async () => {
  let isTrusted = false;
  const { seen, look } = worker({ isOpened: () => isTrusted });
  ok(await look());
  expect(seen).toEqual(['rehearsal', 'first']);
  isTrusted = true;
  ok(await look());
  expect(seen).toEqual(['rehearsal', 'first', ...Array(29).fill('again')]);
});
