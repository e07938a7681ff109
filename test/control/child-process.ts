import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

/** A child that runs TypeScript, in the module scope of this repository, and writes lines. */
export interface Child {
  /** The next line that it prints; null when it has ended. */
  readonly line: () => Promise<string | null>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

const root = new URL('../..', import.meta.url).pathname;

/**
 * Starts a child on `source`, with paths relative to the repository, and under a limit of the shell's (`ulimit -f 8`)
 * where one is given. It is killed after the test.
 */
export const startChild = async (source: string, limit = 'true'): Promise<Child> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const limited = `${limit} && exec "$0" --input-type=module -`;
  const child = spawn('/bin/sh', ['-c', limited, process.execPath], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(outputFiles[0]?.text ?? '');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => {
    child.kill('SIGKILL');
    return gone;
  };
  onTestFinished(kill);
  return {
    line: async () => {
      const { done, value } = await lines.next();
      return done === true ? null : value;
    },
    kill,
  };
};
