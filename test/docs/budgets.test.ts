import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const parts = [...readFileSync('.ci/run', 'utf8').matchAll(/^ *part (\d+) (?:'[^']*'|"[^"]*") (.*)$/gm)].map(
  ([, minutes, command = '']) => ({ minutes: Number(minutes), command }),
);

const minutesOf = (some: typeof parts): number => some.reduce((sum, { minutes }) => sum + minutes, 0);

/** Minutes after which asking for a browser is given up. */
const BROWSER = 2;

test('what must pass ends within 75 minutes, of which tests, crashes, the demo and interop take 45', () => {
  const first = ['npm test', 'npm run test:crash', 'npm run demo', 'npm run test:interop'];
  const asked = parts.filter(({ command }) => first.some((one) => command.startsWith(one)));
  expect(asked).toHaveLength(first.length);
  expect(minutesOf(asked)).toBeLessThanOrEqual(45);
  expect(minutesOf(parts) + BROWSER).toBeLessThanOrEqual(75);
});
