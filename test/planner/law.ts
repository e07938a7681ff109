import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { times } from '../support/times.js';

/** A property that a function has, for all input. The function is given to it, so that it can be tried on a wrong one. */
export type Law<F, Ts> = (of: F) => fc.IProperty<Ts> | fc.IAsyncProperty<Ts>;

/**
 * Tests that a law holds for a function, and that it catches each of the faulty versions of it: a check that cannot
 * fail is not a check. Failures print their seed.
 */
export const testLaw = <F, Ts>(
  title: string,
  law: Law<F, Ts>,
  sound: F,
  faulty: Readonly<Record<string, F>>,
): void => {
  describe(title, () => {
    test('holds', () => fc.assert(law(sound), times(300)));
    for (const [fault, version] of Object.entries(faulty)) {
      test(`catches ${fault}`, async () => {
        expect((await fc.check(law(version), { numRuns: 10_000 })).failed).toBe(true);
      });
    }
  });
};
