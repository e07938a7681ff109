import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltPonds, run } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { askJson } from './asking.js';
import { plainPond, prepare } from './base-ponds.js';

const WORK = ['work', '--once'];
const A = Buffer.from('a file that arrives\n');
/** Large enough for a file of its own in the pond. */
const B = Buffer.alloc(70_000, 'b');

/** Variables of an environment, as entries name them. */
const variable = (name: string) => `\${env:${name}}`;

/** A batch of a watched folder: two files arrive and are moved, one is refused and put aside. */
export const watchScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const base = join(folder, 'base-watch');
  const pond = await plainPond(base);
  const entry = {
    folder: variable('WATCHED'),
    into: '/in/',
    settle: '0s',
    after: { move: variable('DONE') },
    refused: variable('REFUSED'),
  };
  await prepare(pond, ['mknod', 'watch', '/etc/watch.d/10-in', '--config', JSON.stringify(entry)]);
  const { last_txn_seq: last } = (await askJson(pond, 'status')) as { readonly last_txn_seq: number };
  return {
    ponds,
    base,
    scratch: join(folder, 'watch'),
    args: WORK,
    codes: [3],
    furnish: async (copy) => {
      const env = environmentIn(copy);
      if (!existsSync(env.WATCHED)) {
        // A copy is another place, at which nothing is watched: this one is taken for the pond itself.
        await rm(join(pondIn(copy), 'control/place.json'), { force: true });
        mkdirSync(env.WATCHED);
        writeFileSync(join(env.WATCHED, 'a'), A);
        writeFileSync(join(env.WATCHED, 'b'), B);
        writeFileSync(notUtf8In(env.WATCHED), 'its name is not UTF-8');
      }
      return env;
    },
    expected: { files: {}, writes: { '/in/a': A, '/in/b': B }, txnSeq: last + 1, tasks: {} },
    andThen: async (copy) => {
      // Whoever works on it next finds what the killed one has left.
      const again = await run(ponds.pond, pondIn(copy), WORK, { env: environmentIn(copy) });
      if (again.code !== 0 && again.code !== 3) return [`work: exit code ${again.code}: ${again.stderr}`];
      return faultsOfArrivals(copy);
    },
  };
};

const environmentIn = (copy: string) => ({
  WATCHED: join(copy, 'watched'),
  DONE: join(copy, 'done'),
  REFUSED: join(copy, 'refused'),
});

const notUtf8In = (directory: string): Buffer =>
  Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])]);

/** Each file has arrived once, and is where it belongs, and nothing else is. */
const faultsOfArrivals = async (copy: string): Promise<readonly string[]> => {
  const { WATCHED, DONE, REFUSED } = environmentIn(copy);
  const faults: string[] = [];
  for (const [name, content] of [
    ['a', A],
    ['b', B],
  ] as const) {
    const versions = (await askJson(
      pondIn(copy),
      'versions',
      `/in/${name}`,
    )) as unknown as readonly unknown[];
    if (versions.length !== 1) faults.push(`${versions.length} versions of /in/${name}`);
    if (!readFileSync(join(DONE, name)).equals(content)) faults.push(`${name} was moved as something else`);
  }
  const left = [...readdirSync(WATCHED), ...readdirSync(DONE).filter((name) => !['a', 'b'].includes(name))];
  if (left.length > 0) faults.push(`left over: ${left.join()}`);
  const refused = readdirSync(REFUSED, { encoding: 'buffer' })
    .map((name) => name.toString('latin1'))
    .sort();
  if (refused.join() !== '\xff,\xff.reason.txt') faults.push(`refused: ${refused.join()}`);
  return faults;
};
