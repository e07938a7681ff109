import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installJaeger } from './install-jaeger.mjs';
import { startJaeger } from './run-jaeger.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const SIGNALS = ['SIGINT', 'SIGTERM'];

/** Builds the executable, starts a Jaeger, and gives both up again whatever happens: `use(jaeger, directory)`. */
export const withJaeger = async (use) => {
  const program = installJaeger();
  build();
  const directory = mkdtempSync(join(tmpdir(), 'pond-jaeger-'));
  // Ending by `exit` ends Jaeger, too.
  const leave = () => process.exit(130);
  for (const signal of SIGNALS) process.once(signal, leave);
  try {
    const jaeger = await startJaeger(program, directory);
    try {
      return await use(jaeger, directory);
    } finally {
      await jaeger.stop();
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, leave);
    rmSync(directory, { recursive: true, force: true });
  }
};

const build = () => {
  const { status } = spawnSync(process.execPath, [join(root, 'test/build/bundle.mjs')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the executable cannot be built');
};
