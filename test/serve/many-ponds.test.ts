import { expect, onTestFinished, test } from 'vitest';
import { ok, writing } from '../steward/memory-steward.js';
import { addEntry, diskPond, servedBy, tasksBecome } from './serving.js';

test('one process serves many ponds, and the runtime finds no leak in that', async () => {
  const warnings: string[] = [];
  const hear = ({ name, message }: Error): void => {
    warnings.push(`${name}: ${message}`);
  };
  process.on('warning', hear);
  onTestFinished(() => {
    process.off('warning', hear);
  });
  const ponds = await Promise.all(Array.from({ length: 12 }, () => diskPond()));
  const [first] = ponds;
  if (first === undefined) throw new Error('there are ponds');
  const server = await servedBy(
    first.program().program,
    ponds.map(({ directory }) => directory),
  );
  for (const pond of ponds) {
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
    const { txnSeq } = ok(await writing('/in/a')(steward)());
    await tasksBecome(steward, txnSeq ?? 0, ['completed']);
    await steward.close()();
  }
  expect(await server.stop()).toEqual({ done: 12, failed: 0 });
  expect(warnings).toEqual([]);
});
