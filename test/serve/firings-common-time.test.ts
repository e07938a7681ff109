// Schedules of a pond that machines share whose clocks are wrong.

import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import type { FleetTable } from '../../src/control/fleet-table.js';
import { livePorts } from '../../src/live-ports.js';
import { createSteward } from '../../src/steward/create-steward.js';
import { lookAtSchedules } from '../../src/steward/firings/due-firings.js';
import { openPond } from '../../src/steward/pond/opening/open-pond.js';
import type { Pond } from '../../src/steward/pond/pond.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { diskPond } from './serving.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

test.each([-HOUR, 0, HOUR])(
  'what is due, and when to look again, goes by the database’s clock where one’s own is %d ms ahead',
  async (ahead) => {
    const { directory } = await diskPond();
    const pond: Pond = ok(await openPond(livePorts(memoryLogger().logger), directory, {})());
    const steward = createSteward(pond);
    const entry = 'factory: command\nschedule: "* * * * *"\nconfig: { run: ["true"] }\n';
    const [folder, path] = ['/etc/schedule.d', '/etc/schedule.d/10-each'];
    ok(await steward.write(({ fs }) => fs.mkdirAll(folder))());
    ok(await steward.write(({ fs }) => fs.write(path, Buffer.from(entry)))());
    // Two and a half minutes on.
    const common = (Math.floor(Date.now() / MINUTE) + 2.5) * MINUTE;
    const own = common + ahead;
    const shared: Pond = {
      ...pond,
      ports: { ...pond.ports, clock: { ...pond.ports.clock, nowMicros: () => own * 1000 } },
      fleet: { commonTime: () => async () => right(common * 1000) } as unknown as FleetTable,
    };
    const { schedules } = ok(await lookAtSchedules(shared)());
    expect(schedules).toMatchObject([{ due: { dueAt: common - MINUTE / 2 }, next: own + MINUTE / 2 }]);
    await steward.close()();
  },
);
