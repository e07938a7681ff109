import { describe, expect, test } from 'vitest';
import { ok, writing } from '../steward/memory-steward.js';
import { addEntry, diskPond, heldFactory, servedBy, tasksBecome } from './serving.js';

describe('a write that does not wait', () => {
  test('leaves its tasks to a runner in the background, and ends before they do', async () => {
    const { factory, letGo } = heldFactory();
    const factories = [factory];
    const pond = await diskPond({ factories });
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'held');
    const server = await servedBy(pond.program().program, pond.directory, { factories });
    const outcome = ok(await writing('/in/a')(steward)());
    expect(outcome).toMatchObject({ inBackground: true, tasks: [{ state: 'pending' }] });
    letGo();
    await tasksBecome(steward, 3, ['completed']);
    await steward.close()();
    expect(await server.stop()).toMatchObject({ done: 1, failed: 0 });
  });
});
