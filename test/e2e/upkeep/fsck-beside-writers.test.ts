import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FsckReport, Steward } from '../../../src/index.js';
import { severityOf } from '../../../src/steward/shapes/finding.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
  await pond.run(['mknod', 'test-executor', '/etc/system.d/10-x', '--config', 'message: hi']);
  await pond.run(['mknod', 'command', '/etc/system.d/20-y', '--config', 'run: ["true"]']);
});
afterAll(() => pond.remove());

const WRITERS = ['a', 'b', 'c'];
const COMMITS = 8;

/** Commits, each with a blob, a removal or a task, and maintenance that keeps nothing. */
const writer = async (name: string): Promise<void> => {
  for (let commit = 1; commit <= COMMITS; commit += 1) {
    await pond.run(['copy', '-', `/${name}/${commit}`, '--lock-timeout', '60s'], {
      input: Buffer.alloc(80_000, `${name}${commit}`),
    });
    if (commit % 4 === 0) await pond.run(['maintain', '--retention', '0s', '--lock-timeout', '60s']);
  }
};

// Caught when it was written: strays judged without asking who holds the writer's lock.
it('finds nothing wrong while others write, run tasks and tidy up', { timeout: 180_000 }, async () => {
  let isWriting = true;
  const written = Promise.all(WRITERS.map(writer)).finally(() => {
    isWriting = false;
  });
  const reports: FsckReport[] = [];
  while (isWriting) {
    const report = await Steward.fsck(pond.pond, { quick: reports.length % 2 === 0 })();
    if (report._tag === 'Left') throw new Error(JSON.stringify(report.left));
    reports.push(report.right);
  }
  await written;
  expect(reports.length).toBeGreaterThan(10);
  const wrong = reports.flatMap(({ findings }) => findings.filter((one) => severityOf(one) !== 'note'));
  expect(wrong).toEqual([]);
  const last = await Steward.fsck(pond.pond)();
  expect(last).toMatchObject({ right: { ok: true, findings: [] } });
});
