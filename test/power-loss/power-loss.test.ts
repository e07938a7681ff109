import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import { cutEverywhere } from './protocols.js';
import {
  commitProtocol,
  exportProtocol,
  forgetProtocol,
  initProtocol,
  recoverProtocol,
  tenthCommitProtocol,
} from './scenarios.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

/** Disks that are looked at for one cut. `npm run test:soak -- power` looks at more. */
const LIMITS = { most: 6, seed: 1 };

describe('a power loss at any step, with any of what was not fsynced lost', { timeout: LONG }, () => {
  it('of an init leaves a pond or what init can be repeated on; one that was acknowledged is there', async () => {
    const { cuts, disks, faults } = await cutEverywhere(initProtocol(), { ...LIMITS, most: 16 });
    expect(faults).toEqual([]);
    expect([cuts > 20, disks > 100]).toEqual([true, true]);
  });

  it('of a commit leaves all of it or nothing; one that was acknowledged is there', async () => {
    const { cuts, disks, faults } = await cutEverywhere(await commitProtocol(), LIMITS);
    expect(faults).toEqual([]);
    expect([cuts > 20, disks > 60]).toEqual([true, true]);
  });

  it('of merging files and making a checkpoint takes nothing away', async () => {
    const { cuts, faults } = await cutEverywhere(await tenthCommitProtocol(), LIMITS);
    expect(faults).toEqual([]);
    expect(cuts).toBeGreaterThan(35);
  });

  it('of giving up old contents takes nothing away that is kept', async () => {
    const { cuts, faults } = await cutEverywhere(await forgetProtocol(), {
      ...LIMITS,
      most: 4,
      cuts: (step, of) => step % 2 === 0 || step > of,
    });
    expect(faults).toEqual([]);
    expect(cuts).toBeGreaterThan(25);
  });

  it.each(['mirror', 'versions'] as const)(
    'of an export (%s) leaves one that recovery publishes whole',
    async (layout) => {
      const { cuts, faults } = await cutEverywhere(await exportProtocol(layout), {
        ...LIMITS,
        most: 4,
        cuts: (step, of) => step % 3 === 0 || step > of,
      });
      expect(faults).toEqual([]);
      expect(cuts).toBeGreaterThan(60);
    },
  );

  it.each([0.3, 0.5, 0.7, 0.9])(
    'of the recovery of a commit that had come %d of its way can be recovered from',
    async (share) => {
      const { faults } = await cutEverywhere(await recoverProtocol(share), LIMITS);
      expect(faults).toEqual([]);
    },
  );
});

/** A filesystem on which some directories are never made durable, whoever asks. */
const without =
  (isForgotten: (path: string) => boolean) =>
  (files: HostFileSystem): HostFileSystem => ({
    ...files,
    fsyncDirectory: (path) => (isForgotten(path) ? () => right(undefined) : files.fsyncDirectory(path)),
    writeNewFiles: (made, directories) =>
      files.writeNewFiles(
        made,
        directories.filter((path) => !isForgotten(path)),
      ),
  });

describe('the simulation finds a missing fsync', { timeout: LONG }, () => {
  it.each([
    ['of the log', '_delta_log'],
    ['of the data directory', 'data'],
    ['of the blobs', /^[0-9a-f]{2}$/],
  ])('%s', async (_, name) => {
    const isForgotten = (path: string) => new RegExp(name).test(path.slice(path.lastIndexOf('/') + 1));
    const { faults } = await cutEverywhere(await commitProtocol(), {
      ...LIMITS,
      tamper: without(isForgotten),
      cuts: (step, of) => step > of,
    });
    expect(faults.length).toBeGreaterThan(0);
  });

  it('of the log, before the files of old contents are removed', async () => {
    const { faults } = await cutEverywhere(await forgetProtocol(), {
      ...LIMITS,
      tamper: without((path) => path.endsWith('_delta_log')),
      cuts: (step, of) => step > of,
    });
    expect(faults.length).toBeGreaterThan(0);
  });

  it('of the directory in which a pond is made', async () => {
    const { faults } = await cutEverywhere(initProtocol(), {
      ...LIMITS,
      tamper: without((path) => path === '/ponds'),
    });
    expect(faults.join('\n')).toContain('NotAPond');
  });

  it('of what a host plan keeps aside', async () => {
    const { faults } = await cutEverywhere(await exportProtocol('versions'), {
      ...LIMITS,
      tamper: without((path) => path.includes('.pond-host-plan')),
      cuts: (step, of) => step > of / 2 && step % 2 === 0,
    });
    expect(faults.length).toBeGreaterThan(0);
  });
});
