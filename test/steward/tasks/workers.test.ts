import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { fleetDocument } from '../../../src/documents/fleet-document.js';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';

test('a pond says who runs its tasks, on which machine, and which of them it runs now', async () => {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begun: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const waits: ExecutableFactory<unknown> = {
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: { decode: (input: unknown) => right(input) } as never,
    name: 'waits',
    description: 'Waits.',
    execute: () => async () => {
      begun();
      await gate;
      return right(undefined);
    },
  };
  const { promises: pond } = await createMemoryPond({ factories: [waits] });
  await pond.write(async ({ fs }) => {
    await fs.write('/etc/system.d/10-a.yaml', Buffer.from('factory: waits'));
    await fs.write('/etc/system.d/20-b.yaml', Buffer.from('factory: waits\nhost: elsewhere'));
  });
  expect(await pond.workers()).toEqual({
    workers: [],
    queue: { pending: 0, oldestAt: null, oldestAgeMs: null },
  });
  const written = pond.write(({ fs }) => fs.write('/a.txt', Buffer.from('a')));
  await running;
  const fleet = await pond.workers();
  expect(fleetDocument(fleet)).toMatchObject({
    workers: [
      {
        host: 'memory',
        queues: null,
        concurrency: null,
        waiting: 1,
        lacks: [],
        running: [{ task: '3.1', config_path: '/etc/system.d/10-a.yaml', attempt: 1 }],
      },
    ],
    queue: { pending: 1 },
  });
  expect((await pond.status()).fleet.workers).toHaveLength(1);
  letGo();
  await written;
  expect((await pond.workers()).queue.pending).toBe(1);
  await pond.close();
});
