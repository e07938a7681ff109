import { describe, expect, it } from 'vitest';
import { fillEverywhere } from './protocols.js';
import { commitProtocol, exportProtocol, initProtocol, tenthCommitProtocol } from './scenarios.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

describe('a disk that is full from any step on', { timeout: LONG }, () => {
  it('fails an init, which can be repeated when there is room again', async () => {
    const { refused, faults } = await fillEverywhere(initProtocol());
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(10);
  });

  it('fails a commit with that reason, or leaves it to recover; what was acknowledged is there', async () => {
    const { refused, faults } = await fillEverywhere(await commitProtocol());
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(10);
  });

  it('takes nothing away where files are merged and a checkpoint is made', async () => {
    const { faults } = await fillEverywhere(await tenthCommitProtocol());
    expect(faults).toEqual([]);
  });

  it.each(['mirror', 'versions'] as const)(
    'fails an export (%s), which a retry publishes whole',
    async (layout) => {
      const { refused, faults } = await fillEverywhere(await exportProtocol(layout));
      expect(faults).toEqual([]);
      expect(refused).toBeGreaterThan(20);
    },
  );
});
