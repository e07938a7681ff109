// Several ponds that one process serves: none of them says that its tasks are taken up before they are.

import { left } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { livePorts } from '../../src/live-ports.js';
import { SERVER_READ_ONLY } from '../../src/ports/sql-server.js';
import { changeSignal } from '../../src/serve/change-signal.js';
import { serve } from '../../src/serve/serve.js';
import type { ServedPond } from '../../src/serve/served-pond.js';
import { createSteward } from '../../src/steward/create-steward.js';
import { openPond } from '../../src/steward/pond/opening/open-pond.js';
import type { Pond } from '../../src/steward/pond/pond.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { diskPond } from './serving.js';

const standby = left({
  _tag: 'ControlFailed',
  path: 'postgres://db/ponds',
  code: SERVER_READ_ONLY,
  message: 'a read-only transaction',
} as const);

const opened = async (): Promise<Pond> => {
  const { directory } = await diskPond();
  return ok(await openPond(livePorts(memoryLogger().logger), directory, {})());
};

const isAnnounced = async ({ control }: Pond): Promise<boolean> =>
  ok(await control.backgroundRunner()()) !== null;

/** Two ponds that are served together, the second of which refuses this call for the first two times. */
const servedTogether = async (refused: 'ensure' | 'serve', endWhileWaiting: boolean) => {
  const [first, second] = [await opened(), await opened()];
  const stop = new AbortController();
  const whileWaiting: boolean[] = [];
  const sleep: Pond['ports']['clock']['sleep'] = async () => {
    whileWaiting.push(await isAnnounced(first), await isAnnounced(second));
    if (endWhileWaiting) stop.abort();
  };
  let refusals = 2;
  const refusing = <A extends Pond['runner'][typeof refused]>(call: A) =>
    (() => (refusals-- > 0 ? async () => standby : call())) as A;
  const ponds = [
    { ...first, ports: { ...first.ports, clock: { ...first.ports.clock, sleep } } },
    { ...second, runner: { ...second.runner, [refused]: refusing(second.runner[refused]) } },
  ].map(
    (pond): ServedPond => ({
      pond,
      steward: createSteward(pond, stop.signal),
      changes: changeSignal(),
      news: changeSignal(),
      arrivals: changeSignal(),
    }),
  );
  let ready: Promise<readonly boolean[]> | null = null;
  const outcome = await serve<never>(ponds, {
    signal: stop.signal,
    parts: [],
    jobs: () => [],
    onReady: () => {
      ready = Promise.all([isAnnounced(first), isAnnounced(second)]).finally(() => stop.abort());
    },
  })();
  const afterwards = [await isAnnounced(first), await isAnnounced(second)];
  for (const { steward } of ponds) await steward.close()();
  return { outcome, whileWaiting, ready: await ready, afterwards };
};

test.each(['ensure', 'serve'] as const)(
  'while one of them is waited for none takes tasks up: %s is refused',
  async (refused) => {
    expect(await servedTogether(refused, false)).toMatchObject({
      outcome: { _tag: 'Right' },
      whileWaiting: [false, false, false, false],
      ready: [true, true],
      afterwards: [false, false],
    });
  },
);

test.each(['ensure', 'serve'] as const)(
  'who is told to end while it waits leaves none that says that it takes tasks up: %s is refused',
  async (refused) => {
    expect(await servedTogether(refused, true)).toMatchObject({
      outcome: left({ _tag: 'Interrupted' }),
      whileWaiting: [false, false],
      ready: null,
      afterwards: [false, false],
    });
  },
);
