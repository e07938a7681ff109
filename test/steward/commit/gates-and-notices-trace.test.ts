// What a commit's trace shows of its gates and of what it tells others, and what receivers see of it.

import { right } from 'fp-ts/lib/Either.js';
import { expect, onTestFinished, test } from 'vitest';
import { recordingTelemetry } from '../../../src/adapters/memory/recording-telemetry.js';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';
import { httpReceiver } from '../../support/receivers/http-receiver.js';

const refusing = (name: string, refuses: () => boolean): ExecutableFactory<unknown> => ({
  name,
  description: 'Refuses when it is told to.',
  kind: 'executable',
  modes: ['InTransactionWriter'],
  config: { decode: (input: unknown) => right(input) },
  execute: (context) => async () => {
    context.report({ rows: 3 });
    return refuses()
      ? { _tag: 'Left', left: { _tag: 'FactoryFailed', path: context.path, factory: name, message: 'no' } }
      : right(undefined);
  },
});

test('gates have spans inside their commit, a webhook one whose place its request carries, and all of them end', async () => {
  const server = await httpReceiver();
  onTestFinished(() => server.close());
  const { telemetry, spans } = recordingTelemetry();
  let refuses = false;
  const { promises: pond } = await createMemoryPond({
    telemetry,
    trust: 'all',
    factories: [refusing('careful', () => refuses)],
  });
  onTestFinished(() => pond.close());
  await pond.write(
    async ({ fs }) => {
      await fs.mkdirAll('/etc/gate.d');
      await fs.mkdirAll('/etc/system.d');
      await fs.write('/etc/gate.d/10.yaml', Buffer.from('factory: careful\nconfig: {}\n'));
      const hook = `factory: webhook\nconfig: { url: "${server.url}", format: raw }\n`;
      await fs.write('/etc/system.d/10.yaml', Buffer.from(hook));
    },
    { postCommit: false },
  );
  const before = spans().length;
  await pond.write(({ fs }) => fs.write('/a', Buffer.from('a')));
  refuses = true;
  await expect(pond.write(({ fs }) => fs.write('/b', Buffer.from('b')))).rejects.toThrow();

  const made = spans().slice(before);
  expect(made.filter(({ ended }) => !ended)).toEqual([]);
  const commits = made.filter(({ name }) => name === 'steward.Commit');
  const gates = made.filter(({ attributes }) => attributes['op.kind'] === 'Gate');
  expect(gates.map(({ parent }) => parent)).toEqual(commits.map(({ id }) => id));
  expect(gates.map(({ name, attributes, failures }) => [name, attributes['task.factory'], failures])).toEqual(
    [
      ['operation.Execute', 'careful', []],
      ['operation.Execute', 'careful', ['no']],
    ],
  );
  expect(gates.map(({ attributes }) => attributes['task.report'])).toEqual(['{"rows":3}', '{"rows":3}']);
  expect(commits.map(({ failures }) => failures.length > 0)).toEqual([false, true]);
  const [request] = server.requests();
  const task = made.find(({ attributes }) => attributes['task.factory'] === 'webhook');
  // The recorded telemetry numbers its spans.
  const sender = Number.parseInt(request?.headers.traceparent?.toString().split('-')[2] ?? '', 10);
  const above = (id: number | null): readonly (number | null)[] =>
    id === null ? [] : [id, ...above(spans()[id - 1]?.parent ?? null)];
  expect(above(sender)).toContain(task?.id);
  expect(above(sender)).toContain(commits[0]?.id);
});
