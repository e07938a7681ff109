// Host plans against a bare loop of the same calls, and against GNU Stow where it is installed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { interleaved, median, ms, settled, times } from './machinery/measure.mjs';
import { peakMemoryOf } from './machinery/processes.mjs';
import { sized } from './machinery/sized.mjs';

const DIRECTORIES = sized(100, 2);
const LINKS = sized(10_000, 4);
const ROUNDS = sized(5, 1);
const STOW = 'stow';

const operationsFor = (source, target, links = LINKS) => [
  ...Array.from({ length: DIRECTORIES }, (_, d) => ({
    id: `dir-${d}`,
    kind: 'DirCreate',
    path: `${target}/d${d}`,
  })),
  ...Array.from({ length: links }, (_, l) => ({
    id: `link-${l}`,
    kind: 'LinkCreate',
    source: `${source}/d${l % DIRECTORIES}/f${l}`,
    target: `${target}/d${l % DIRECTORIES}/f${l}`,
  })),
];

const makeSource = (source) => {
  for (let d = 0; d < DIRECTORIES; d += 1) mkdirSync(`${source}/d${d}`, { recursive: true });
  for (let l = 0; l < LINKS; l += 1) writeFileSync(`${source}/d${l % DIRECTORIES}/f${l}`, '');
};

const bareLoop = (source, target) => {
  for (let d = 0; d < DIRECTORIES; d += 1) mkdirSync(`${target}/d${d}`);
  for (let l = 0; l < LINKS; l += 1) {
    symlinkSync(`${source}/d${l % DIRECTORIES}/f${l}`, `${target}/d${l % DIRECTORIES}/f${l}`);
  }
};

const hasStow = () => spawnSync(STOW, ['--version'], { stdio: 'ignore' }).status === 0;

export const benchHostPlans = async ({ pond }, scratch) => {
  const { hostPlans, planHostOperations } = await import(join(dirname(pond), 'index.js'));
  const folder = mkdtempSync(join(scratch, 'host-'));
  const source = join(folder, 'stow', 'package');
  makeSource(source);
  const fresh = (name, round) => {
    const target = join(folder, `${name}-${round}`);
    mkdirSync(target);
    return target;
  };
  const planFor = (target) => {
    const plan = planHostOperations(operationsFor(source, target));
    if (plan._tag === 'Left') throw new Error(JSON.stringify(plan.left));
    return plan.right;
  };
  // Where the checkpoints are kept when there is no pond.
  process.env.XDG_STATE_HOME = join(folder, 'state');
  const plans = hostPlans(null);
  const prepared = Array.from({ length: ROUNDS + 2 }, (_, round) => planFor(fresh('executed', round)));
  const signal = new AbortController().signal;
  const inProcess = await interleaved(ROUNDS, 1, {
    bare: (round) => bareLoop(source, fresh('bare', round)),
    planned: () => planFor('/nowhere'),
    executed: (round) => settled(plans.execute(prepared[round], { concurrency: 4, signal })),
  });

  // Of a process of the product alone; what a link leads to may be the same for many.
  const peakOf = (links) => {
    const target = fresh('peak', links);
    const file = `${target}.json`;
    const operations = operationsFor(source, target, links).map((operation) =>
      operation.kind === 'LinkCreate' ? { ...operation, source } : operation,
    );
    writeFileSync(file, JSON.stringify({ operations }));
    return peakMemoryOf([pond, 'host', 'apply', file]);
  };
  const peaks = [0, LINKS, 2 * LINKS].map(peakOf);
  // Written before the clock runs: stow is given its tree, too.
  const written = Array.from({ length: ROUNDS + 2 }, (_, round) => {
    const target = fresh('applied', round);
    const file = `${target}.json`;
    writeFileSync(file, JSON.stringify({ operations: operationsFor(source, target) }));
    return file;
  });
  const contenders = {
    applied: (round) => {
      const file = written[round];
      const env = { ...process.env, POND: '', XDG_STATE_HOME: join(folder, 'state') };
      const { status } = spawnSync(process.execPath, [pond, 'host', 'apply', file], { env, stdio: 'ignore' });
      if (status !== 0) throw new Error(`pond host apply ended with ${status}`);
    },
    ...(hasStow()
      ? {
          stowed: (round) => {
            const target = fresh('stowed', round);
            // As the plan does: directories are made, not linked as a whole.
            const args = ['--no-folding', '-d', join(folder, 'stow'), '-t', target, 'package'];
            const { status } = spawnSync(STOW, args, { stdio: 'ignore' });
            if (status !== 0) throw new Error(`stow ended with ${status}`);
          },
        }
      : {}),
  };
  const commands = await interleaved(ROUNDS, 1, contenders);
  rmSync(folder, { recursive: true, force: true });

  const bare = median(inProcess.bare);
  const executed = median(inProcess.executed);
  return [
    [
      `execute ${LINKS} LinkCreate in ${DIRECTORIES} directories`,
      times(executed / bare),
      '<= 1.5 x',
      `${ms(executed)} with a durable checkpoint; a bare loop of mkdir and symlink ${ms(bare)}`,
    ],
    ['plan them', ms(median(inProcess.planned)), '<= 100 ms', `median of ${ROUNDS}`],
    [
      'memory of pond host apply of them',
      `${peaks[1].toFixed(0)} MB`,
      '< 200 MB',
      `largest resident set of the process and those it starts; ${peaks[0].toFixed(0)} MB without links, ${peaks[2].toFixed(0)} MB with twice as many`,
    ],
    commands.stowed === undefined
      ? ['pond host apply against stow', '-', '<= 0.85 x', 'stow is not installed']
      : [
          'pond host apply against stow',
          times(median(commands.applied) / median(commands.stowed)),
          '<= 0.85 x',
          `${ms(median(commands.applied))} against ${ms(median(commands.stowed))}, processes and parsing included`,
        ],
  ];
};
