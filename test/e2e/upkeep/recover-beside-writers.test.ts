import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assemble } from '../../../src/composition-root.js';
import { livePorts } from '../../../src/live-ports.js';
import { ok } from '../../steward/memory-steward.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { builtExecutable, plainEnvironment, tempPond } from '../../support/pond-cli.js';

test('while recovery looks through a pond for what is left over, others write, and what they commit meanwhile stays', async () => {
  const pond = await tempPond();
  onTestFinished(() => pond.remove());
  const digest = 'ab'.repeat(32);
  const leftOver = join(pond.pond, 'data/_blobs/sha256/ab', digest);
  mkdirSync(dirname(leftOver), { recursive: true });
  writeFileSync(leftOver, 'of a killed writer');
  const content = 'a content that lies in a file of its own '.repeat(4_000);

  const ports = livePorts(memoryLogger().logger);
  let written: number | null = null;
  const readDirectory: typeof ports.files.readDirectory = (path) => () => {
    // Before the blobs are listed: among them is then one of a commit that was not there when the log was read.
    if (written === null && path.endsWith('/_blobs/sha256')) {
      const copy = [builtExecutable(), 'copy', '-', '/in/meanwhile', '--lock-timeout', '1s'];
      const env = { ...plainEnvironment(), POND: pond.pond };
      written = spawnSync(process.execPath, copy, { input: content, env }).status;
    }
    return ports.files.readDirectory(path)();
  };
  const program = assemble({ ...ports, files: { ...ports.files, readDirectory } });
  const steward = ok(await program.open(pond.pond, { trust: 'all' })());
  ok(await steward.recover()());
  ok(await steward.close()());

  expect(written).toBe(0);
  expect(existsSync(leftOver)).toBe(false);
  expect((await pond.run(['cat', '/in/meanwhile'])).stdout).toBe(content);
});
