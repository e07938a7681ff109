import { expect, test } from 'vitest';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';

test('ids are UUIDv7s of the present time, ascend, and do not repeat, however fast they are made', () => {
  const before = Date.now();
  const ids = Array.from({ length: 50_000 }, uuidIds.uuidV7);
  const after = Date.now();
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  const times = ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(before);
  // A millisecond whose ids are all counted borrows from the next.
  expect(Math.max(...times)).toBeLessThanOrEqual(after + 1);
});

test('the random part of an id is not that of another', () => {
  const tails = Array.from({ length: 50_000 }, () => uuidIds.uuidV7().slice(-12));
  expect(new Set(tails).size).toBeGreaterThan(49_900);
});
