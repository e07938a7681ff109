// `npm run test:property -- [FILTER...] [--runs N] [--seed N]`: the laws by themselves. `--runs`: how often each law is
// tried, instead of as often as is usual for it. `--seed`: repeats a run. The seed is printed before anything else.

import '../test/build/ensure-installed.mjs';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const refuse = (problem) => {
  process.stderr.write(`test:property: ${problem}\n`);
  process.stderr.write('usage: npm run test:property -- [FILTER...] [--runs N] [--seed N]\n');
  process.exit(2);
};

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { runs: { type: 'string' }, seed: { type: 'string' } },
    });
  } catch (error) {
    return refuse(error.message);
  }
};

const { values, positionals: filters } = read();
if (values.runs !== undefined && !/^[1-9]\d{0,6}$/.test(values.runs)) {
  refuse(`--runs: "${values.runs}" is not a number from 1 to 9999999`);
}
if (values.seed !== undefined && !/^-?\d{1,10}$/.test(values.seed)) {
  refuse(`--seed: "${values.seed}" is not a whole number of at most ten digits`);
}

const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
const runs = values.runs === undefined ? '' : ` --runs ${values.runs}`;
console.log(`== npm run test:property -- ${[...filters, ''].join(' ')}--seed ${seed}${runs}`);
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...filters], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    POND_TEST_SEED: seed,
    POND_TEST_KINDS: 'laws',
    ...(values.runs === undefined ? {} : { POND_TEST_RUNS: values.runs }),
  },
});
if (status !== 0) console.log(`test:property: failed; --seed ${seed}${runs} repeats it`);
process.exitCode = status === 0 ? 0 : 1;
