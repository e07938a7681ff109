import * as fc from 'fast-check';
import { test } from 'vitest';

/**
 * Makes a test that tries what must be true of all input: `prop([arbitraries], { numRuns })(title, body)`. What the
 * body throws or answers `false` for is shrunk; the failure prints the seed, which `POND_TEST_SEED` repeats.
 */
export const prop =
  <Ts extends [unknown, ...unknown[]]>(
    arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
    parameters: Pick<fc.Parameters<Ts>, 'numRuns'> = {},
  ) =>
  (title: string, body: (...input: Ts) => unknown): void =>
    test(title, async () => {
      const holds = fc.asyncProperty(
        ...arbitraries,
        async (...input: Ts) => (await body(...input)) !== false,
      );
      await fc.assert(holds, parameters);
    });
