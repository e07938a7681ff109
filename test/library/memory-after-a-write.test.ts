import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { Steward } from '../../src/promises.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const directory = mkdtempSync(join(tmpdir(), 'pond-memory-'));
const started: NodeJS.Timeout[] = [];
afterEach(() => {
  for (const timer of started) clearInterval(timer);
  rmSync(directory, { recursive: true });
});

/** Megabytes of buffers that somebody still holds. */
const heldBuffers = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers / 1e6;
};

/** The same once it is no more than so many, or does not become fewer: what has just ended is let go of turn by turn. */
const heldAtLast = async (enough: number): Promise<number> => {
  for (let turn = 0; turn < 100 && heldBuffers() > enough; turn += 1)
    await new Promise((goOn) => setImmediate(goOn));
  return heldBuffers();
};

test('what a body has started and that lives on holds nothing of what the transaction wrote', async () => {
  await Steward.init(join(directory, 'pond'));
  const pond = await Steward.open(join(directory, 'pond'));
  const before = heldBuffers();
  await pond.write(async ({ fs }) => {
    // A connection to a database, a watch, a schedule: it knows inside what it was started as long as it lives.
    started.push(setInterval(() => undefined, 60_000));
    for (let file = 0; file < 400; file += 1) await fs.write(`/${file}`, new Uint8Array(60_000).fill(file));
  });
  expect(await heldAtLast(before + 10)).toBeLessThan(before + 12);
  await pond.close();
});
