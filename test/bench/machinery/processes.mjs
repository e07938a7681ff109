import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs Node with these arguments, from its start to its end; a failure is one of the benchmark's. */
export const runNode = (args, { env = {}, stdio = ['ignore', 'pipe', 'pipe'] } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}: ${stderr}`);
  return stdout;
};

const WITH_DESCENDANTS = join(dirname(fileURLToPath(import.meta.url)), 'with-descendants.py');

/**
 * The same, its output going nowhere; returns what it and all processes that it started took: milliseconds of the processor, and
 * MB, the sum of their largest resident sets. A process that is not waited for, such as one that evaluates queries, counts too: what
 * finds them is a Python script, which Node cannot be.
 */
export const withDescendants = (args) => {
  const { status, stdout, stderr, error } = spawnSync(
    'python3',
    [WITH_DESCENDANTS, process.execPath, ...args],
    {
      encoding: 'utf8',
    },
  );
  if (error !== undefined) throw new Error(`python3, which counts what processes take: ${error.message}`);
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}: ${stderr}`);
  const [milliseconds = Number.NaN, kilobytes = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { milliseconds, megabytes: kilobytes / 1000 };
};

/** Largest resident sets of a process and of those that it started, together, MB. */
export const peakMemoryOf = (args) => withDescendants(args).megabytes;
