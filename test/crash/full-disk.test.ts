import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import type { Scenario } from './machinery/crash-matrix.js';
import { filesUpTo, runShort } from './machinery/full-disk.js';
import { everyScenario } from './scenarios/every-scenario.js';
import { scarceScenarios } from './scenarios/full-disk-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

const KIB = 1024;

describe('the executable, where no file may grow beyond some size:', () => {
  let folder = '';
  let scenarios: Readonly<Record<string, Scenario>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-full-'));
    const ponds = await buildPonds();
    scenarios = { ...(await everyScenario(ponds, folder)), ...(await scarceScenarios(ponds, folder)) };
  }, LONG);
  afterAll(() => removeFolder(folder));

  it.each<readonly [string, string, readonly number[], readonly string[]]>([
    [
      'an init',
      'init',
      [0, 1, 4, 32, 40, 64, 96, 144, 176, 192, 208],
      ['SQLITE_IOERR_WRITE', 'commit_not_recorded'],
    ],
    [
      'a small commit',
      'small',
      [0, 1, 16, 32, 36, 40, 44, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256],
      ['SQLITE_IOERR_SHMSIZE', 'failure_not_recorded', 'commit_not_recorded', 'task_not_recorded'],
    ],
    ['a commit with contents in its rows', 'inline', [64, 128, 192, 256, 300], ['EFBIG']],
    ['a commit with a blob', 'blob', [32, 64, 128, 256, 500], ['EFBIG']],
    ['a commit that merges files and makes a checkpoint', 'tenth', [36, 40, 48, 56, 68, 80], ['EFBIG']],
    ['a retry', 'retry', [32, 40, 64, 96, 112, 128, 160], ['SQLITE_IOERR_WRITE']],
    ['a recovery', 'recovery', [16, 32, 36, 40, 48, 56, 80, 112, 144, 176], ['SQLITE_IOERR_WRITE']],
    ['a rebuild of the control table', 'rebuild', [0, 16, 32, 40, 64, 80, 96], ['SQLITE_IOERR_WRITE']],
    ['a maintenance', 'maintain', [0, 16, 32, 36, 40, 48], ['SQLITE_IOERR_SHMSIZE']],
    [
      'a maintenance that makes a checkpoint again',
      'maintainRepairs',
      [0, 16, 32, 36, 40],
      ['SQLITE_IOERR_SHMSIZE'],
    ],
    ['a host plan', 'hostApply', [0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10, 12, 16], ['EFBIG']],
    ['an export (mirror)', 'muchMirror', [32, 64, 96, 128, 160, 192, 256, 320], ['EFBIG']],
    ['an export (versions)', 'muchVersions', [32, 64, 96, 128, 160, 192, 256, 320], ['EFBIG']],
  ])(
    '%s says so, and when there is room again nothing is lost',
    { timeout: LONG },
    async (_, name, kib, words) => {
      const scenario = scenarios[name];
      if (scenario === undefined) throw new Error(`no scenario ${name}`);
      const { said, faults } = await runShort(
        scenario,
        kib.map((size) => filesUpTo(size * KIB)),
      );
      expect(faults).toEqual([]);
      expect(said).toEqual(expect.arrayContaining([...words]));
    },
  );
});
