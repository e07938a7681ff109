import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { growthPicture } from './growth-picture.mjs';
import { median, ms, settled, times } from './machinery/measure.mjs';
import { runNode } from './machinery/processes.mjs';
import { processorTimes } from './machinery/processor-time.mjs';
import { sized } from './machinery/sized.mjs';

/** Commits of the ponds, each of one small file, in ten folders. The first is what the others are compared with. */
const SIZES = sized([10, 1_000, 10_000], [1, 2]);
const FOLDERS = 10;
const ROUNDS = sized(15, 1);
const PICTURE = join(import.meta.dirname, '../../docs/pictures/growth-commits.svg');

/** What everyday commands take of the processor as commits accumulate, and what the pond takes of the disk. */
export const benchGrowth = async ({ pond, Steward }, scratch) => {
  const ponds = [];
  for (const size of SIZES) {
    const directory = join(scratch, `growth-${size}`);
    ponds.push({ size, directory });
    await grow(Steward, directory, size);
  }
  const rows = [];
  const lines = [];
  for (const [name, argsOf] of Object.entries(commandsOn(scratch))) {
    const measured = processorTimes(
      ROUNDS,
      Object.fromEntries(
        ponds.map(({ size, directory }) => [size, [pond, '--pond', directory, ...argsOf(size)]]),
      ),
    );
    const [small, large] = [median(measured[SIZES[0]]), median(measured[SIZES.at(-1)])];
    rows.push([
      `${name} after ${SIZES.at(-1)} commits, against after ${SIZES[0]}`,
      times(large / small),
      '<= 1.3 x',
      `${ms(large)} of the processor, beside ${ms(small)}; medians of ${ROUNDS}`,
    ]);
    lines.push({ name, points: SIZES.map((size) => [size, median(measured[size])]) });
  }
  const { directory } = ponds.at(-1);
  const before = bytesOnDisk(directory);
  runNode([pond, '--pond', directory, 'maintain', '--retention', '0s']);
  const after = bytesOnDisk(directory);
  runNode([pond, '--pond', directory, 'fsck']);
  rows.push([
    'disk for each small commit after maintain --retention 0s',
    `${(after / SIZES.at(-1) / 1000).toFixed(1)} KB`,
    '<= 3 KB',
    `blocks of the disk; ${(before / SIZES.at(-1) / 1000).toFixed(1)} KB before it`,
  ]);
  writeFileSync(
    sized(PICTURE, join(scratch, 'growth.svg')),
    growthPicture({ title: 'Processor time of a command', across: 'commits', up: 'ms', lines }),
  );
  return rows;
};

const commandsOn = (scratch) => ({
  cat: (size) => ['cat', fileOf(size)],
  'copy out': (size) => ['copy', fileOf(size), `host://${join(scratch, 'growth-out')}/`],
  'list of a folder': () => ['list', '/in/folder-1/'],
  control: () => ['control'],
  status: () => ['status'],
});

const fileOf = (size) => `/in/folder-1/file-${1 + FOLDERS * Math.floor((size - 1) / (2 * FOLDERS))}.txt`;

const grow = async (Steward, directory, commits) => {
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  await settled(
    pond.write(({ fs }) => async () => {
      for (const name of ['/in', ...Array.from({ length: FOLDERS }, (_, n) => `/in/folder-${n}`)]) {
        const made = await fs.mkdir(name)();
        if (made._tag === 'Left') return made;
      }
      return { _tag: 'Right', right: undefined };
    }),
  );
  for (let n = 1; n <= commits; n += 1) {
    const content = Buffer.from(`${n} `.padEnd(200, 'x'));
    await settled(pond.write(({ fs }) => fs.write(`/in/folder-${n % FOLDERS}/file-${n}.txt`, content)));
  }
  await settled(pond.close());
};

const bytesOnDisk = (directory) => {
  const { stdout } = spawnSync('du', ['-s', '--block-size=1', directory], { encoding: 'utf8' });
  return Number(stdout.split('\t')[0]);
};
