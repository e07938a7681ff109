import { beforeEach, expect, it } from 'vitest';
import { type CliPond, cliPond } from '../../cli/on-memory-pond.js';

let given: CliPond;
beforeEach(async () => {
  given = await cliPond({ cliArgs: ['copy', 'a', '/b'] });
});

it('a write that a live process makes is running: not unfinished, and nothing that recovery would touch', async () => {
  let checked: readonly { readonly code: number; readonly stdout: string }[] = [];
  await given.promises.write(async ({ fs }) => {
    await fs.mkdir('/in');
    checked = [
      await given.pond(['status', '--check']),
      await given.pond(['recover', '--dry-run']),
      await given.pond(['control', '--incomplete']),
      await given.pond(['status', '--json']),
    ];
  });
  const [status, dryRun, incomplete, json] = checked;
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/running transactions +1\n/) });
  expect(status?.stdout).toMatch(/unfinished transactions +0\n/);
  expect(dryRun?.stdout).toMatch(/^write {2}pond copy a \/b is running in process \d+, and is left alone\n/);
  expect(dryRun?.stdout).not.toContain('failed');
  expect(incomplete?.stdout).toMatch(/ {4}running in process \d+\n/);
  expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
    incomplete: { transactions: 0, tasks: 0 },
    running: { transactions: 1, tasks: 0 },
  });
  expect((await given.pond(['recover', '--dry-run'])).stdout).toBe('nothing to recover\n');
});
