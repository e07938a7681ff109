import { join } from 'node:path';
import { median, ms, settled, times } from './machinery/measure.mjs';
import { peakMemoryOf } from './machinery/processes.mjs';
import { processorTimes } from './machinery/processor-time.mjs';
import { sized } from './machinery/sized.mjs';

/** `POND_BENCH_FILES` makes a smaller one. */
const FILES = Number(process.env.POND_BENCH_FILES ?? sized(1_000_000, 20));
const PER_COMMIT = sized(50_000, 10);
const PER_FOLDER = 1_000;
const ROUNDS = sized(9, 1);

/** A pond of many files beside one of ten: looking one up, listing a folder, listing all, writing them. */
export const benchSize = async ({ pond, Steward }, scratch) => {
  const small = join(scratch, 'size-small');
  const large = join(scratch, 'size-large');
  await fill(Steward, small, 10, 10);
  const perFile = await fill(Steward, large, FILES, PER_COMMIT);
  const at = Math.floor(FILES / 2);
  const measured = processorTimes(ROUNDS, {
    smallCat: [pond, '--pond', small, 'cat', fileAt(5)],
    largeCat: [pond, '--pond', large, 'cat', fileAt(at)],
    smallList: [pond, '--pond', small, 'list', `${folderAt(5)}/`],
    largeList: [pond, '--pond', large, 'list', `${folderAt(at)}/`],
  });
  const of = (name) => median(measured[name]);
  const listOf = (...options) => {
    const args = [pond, '--pond', large, 'list', ...options];
    return { took: processorTimes(1, { args }).args[0], peak: peakMemoryOf(args) };
  };
  const [all, asJson] = [listOf(), listOf('--json')];
  const [first, last] = [perFile[0], perFile.at(-1)];
  const against = (name, one, other, target) => [
    `${name}, ${FILES} files against ten`,
    times(of(one) / of(other)),
    target,
    `${ms(of(one))} of the processor, beside ${ms(of(other))}; medians of ${ROUNDS}`,
  ];
  return [
    against('cat of a file', 'largeCat', 'smallCat', '<= 1.5 x'),
    against(`list of a folder of ${PER_FOLDER}`, 'largeList', 'smallList', '<= 1.5 x'),
    [
      `list of all ${FILES}`,
      `${ms(all.took)}, ${all.peak.toFixed(0)} MB`,
      '<= 5 s, 250 MB',
      'processor, largest resident set',
    ],
    ['  as JSON', `${ms(asJson.took)}, ${asJson.peak.toFixed(0)} MB`, '-, 250 MB', ''],
    [
      `writing them, ${PER_COMMIT} to a commit: a file of the last commit, against the first`,
      times(last.micros / first.micros),
      '<= 1 x',
      `${last.micros.toFixed(0)} µs of the processor, beside ${first.micros.toFixed(0)} µs`,
    ],
    ['  largest resident set', `${last.peak.toFixed(0)} MB`, '<= 400 MB', ''],
  ];
};

const folderAt = (n) => `/in/folder-${Math.floor(n / PER_FOLDER)}`;
const fileAt = (n) => `${folderAt(n)}/file-${n}.txt`;

const fill = async (Steward, directory, files, perCommit) => {
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  await settled(pond.write(({ fs }) => fs.mkdir('/in')));
  const commits = [];
  for (let start = 0; start < files; start += perCommit) {
    const begun = process.cpuUsage();
    await settled(pond.write(({ fs }) => writeSome(fs, start, Math.min(start + perCommit, files))));
    const { user, system } = process.cpuUsage(begun);
    commits.push({ micros: (user + system) / perCommit, peak: process.resourceUsage().maxRSS / 1000 });
  }
  await settled(pond.close());
  return commits;
};

const writeSome = (fs, start, end) => async () => {
  for (let n = start; n < end; n += 1) {
    const made = n % PER_FOLDER === 0 ? await fs.mkdir(folderAt(n))() : null;
    if (made !== null && made._tag === 'Left') return made;
    const written = await fs.write(fileAt(n), Buffer.from(`${n}`))();
    if (written._tag === 'Left') return written;
  }
  return { _tag: 'Right', right: undefined };
};
