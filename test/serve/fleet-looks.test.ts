import { expect, test } from 'vitest';
import { LOOK, nowAndThen } from '../../src/serve/tasks/fleet-looks.js';

test('who comes by each second looks each time, also where that is a little early; who comes by all the time looks twice a second', () => {
  let now = 10_000;
  const looks = (passes: readonly number[]): readonly boolean[] => {
    const looking = nowAndThen({ monotonicMs: () => now });
    return passes.map((pause) => {
      now += pause;
      const isDue = looking.isDue();
      if (isDue) looking.begin();
      return isDue;
    });
  };
  expect(looks([0, LOOK - 15, LOOK + 20, LOOK - 30])).toEqual([true, true, true, true]);
  expect(looks(Array.from({ length: 101 }, () => 10)).filter(Boolean)).toHaveLength(3);
});
