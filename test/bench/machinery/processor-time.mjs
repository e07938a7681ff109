import { spawnSync } from 'node:child_process';

/**
 * Processor time of a whole process, milliseconds: what it took of it in its own code and in the kernel. On a machine that
 * has other work this says more than how long one had to wait. Its output goes nowhere.
 */
export const processorTime = (args) => {
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', '"$@" > /dev/null 2>&1; status=$?; times; exit $status', 'sh', process.execPath, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}`);
  const [, ofChildren = ''] = stdout.trim().split('\n');
  return ofChildren
    .split(' ')
    .map((time) => /^(\d+)m([\d.]+)s$/.exec(time))
    .reduce(
      (sum, found) => sum + (found === null ? 0 : 60_000 * Number(found[1]) + 1000 * Number(found[2])),
      0,
    );
};

/** Runs processes in turn; returns the processor times of each. Arguments may be a function of the round. */
export const processorTimes = (rounds, contenders) => {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, args] of Object.entries(contenders)) {
      const took = processorTime(typeof args === 'function' ? args(round) : args);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
};
