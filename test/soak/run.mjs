// `npm run test:soak -- [PART...] [OPTION VALUE...]`: the long versions of the reliability tests. Without parts, all
// of them. Each part ends by itself within its budget, and what went wrong is printed with the seed.

import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Options of each part, with their defaults. `minutes` is the budget. */
const PARTS = {
  crowd: { processes: 8, commits: 100, seed: null, minutes: 60 },
  kills: { kills: 1000, seed: null, minutes: 90 },
  kinds: { seed: null, minutes: 90 },
  pairs: { stride: 1, seed: null, minutes: 300 },
  room: { step: 8, upto: 320, seed: null, minutes: 60 },
  clock: { processes: 4, commits: 10, seed: null, minutes: 15 },
};

const usage = `usage: npm run test:soak -- [PART...] [OPTION VALUE...]

${Object.entries(PARTS)
  .map(([part, options]) => {
    const shown = Object.entries(options).map(([name, value]) => `--${name} ${value ?? 'N'}`);
    return `  ${part.padEnd(8)}${shown.join('  ')}`;
  })
  .join('\n')}

Options go to every part that has them. A part that has used up its minutes begins nothing new, says so, and fails.
`;

const fail = (message) => {
  process.stderr.write(`test:soak: ${message}\n\n${usage}`);
  process.exit(2);
};

const parts = [];
const given = {};
for (let words = process.argv.slice(2); words.length > 0; words = words.slice(1)) {
  const [word, value] = words;
  if (word === '--help') {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (word.startsWith('--')) {
    const name = word.slice(2);
    if (!Object.values(PARTS).some((options) => name in options)) fail(`there is no option ${word}`);
    if (value === undefined || !/^\d+$/.test(value)) fail(`${word} needs a whole number`);
    given[name] = value;
    words = words.slice(1);
  } else if (word in PARTS) parts.push(word);
  else fail(`there is no part ${word}`);
}

const chosen = parts.length === 0 ? Object.keys(PARTS) : parts;
const seed = given.seed ?? String(Math.floor(Math.random() * 2 ** 31));
const failed = [];
const built = spawnSync(process.execPath, [join(root, 'test/build/bundle.mjs')], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(1);
for (const part of chosen) {
  const options = {
    ...PARTS[part],
    ...Object.fromEntries(Object.entries(given).filter(([name]) => name in PARTS[part])),
    seed,
  };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  process.stdout.write(`\n== npm run test:soak -- ${part} ${words.join(' ')}\n`);
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--config', 'test/soak/vitest.config.mjs', `test/soak/${part}.soak.ts`],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, POND_SOAK_OPTIONS: JSON.stringify(options) },
    },
  );
  if (status !== 0) failed.push(part);
}
if (failed.length > 0) process.stdout.write(`\ntest:soak: failed: ${failed.join(', ')}; seed ${seed}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
