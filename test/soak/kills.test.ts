import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { killsPond } from './kill-invariants.js';
import { randomKills } from './random-kills.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

/** The long form is `npm run test:soak -- kills`. */
const KILLS = 12;

let folder = '';
let ponds: BuiltPonds;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-soak-kills-'));
  ponds = await buildPonds();
});
afterAll(() => removeFolder(folder));

it('commands of all kinds that are killed anywhere leave a pond that recovery makes whole', {
  timeout: LONG,
}, async () => {
  const place = await killsPond(join(folder, 'kills'));
  const report = await randomKills({
    ponds,
    folder: place,
    kills: KILLS,
    seed: 1,
    isOver: () => false,
    say: () => undefined,
  });
  expect(report.faults).toEqual([]);
  expect(report.killed.size).toBeGreaterThan(1);
});
