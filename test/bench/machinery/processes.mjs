import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

const REPORT = join(dirname(fileURLToPath(import.meta.url)), 'report-peak-memory.mjs');

/** The same; returns the process's largest resident set, MB. */
export const peakMemoryOf = (args, reportFile) => {
  // What it prints may be more than is kept of it.
  runNode(['--import', REPORT, ...args], {
    env: { POND_BENCH_PEAK_FILE: reportFile },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return Number(readFileSync(reportFile, 'utf8'));
};
