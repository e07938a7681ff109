import { join } from 'node:path';
import { interleaved, median, ms, settled } from './machinery/measure.mjs';
import { runNode } from './machinery/processes.mjs';
import { sized } from './machinery/sized.mjs';

const COMMITS = sized(1_000, 2);
const ROUNDS = sized(30, 1);
const WARM_UP = sized(3, 0);

/** Opening a pond after a thousand commits and reading one file of it, less the same of a pond that has just been made. */
export const benchOpening = async ({ pond, Steward }, scratch) => {
  const small = await pondOf(Steward, join(scratch, 'opening-small'), 1);
  const large = await pondOf(Steward, join(scratch, 'opening-large'), COMMITS);
  const measured = await interleaved(ROUNDS, WARM_UP, {
    small: () => runNode([pond, '--pond', small, 'cat', '/in/file-1.txt']),
    large: () => runNode([pond, '--pond', large, 'cat', `/in/file-${COMMITS / 2}.txt`]),
  });
  const [few, many] = [median(measured.small), median(measured.large)];
  return [
    [
      'opening after 1,000 commits, reading a file',
      ms(many - few),
      '<= 200 ms',
      `pond cat: ${ms(many)}, less ${ms(few)} for a pond of one commit; medians of ${ROUNDS}`,
    ],
  ];
};

const pondOf = async (Steward, directory, commits) => {
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  await settled(pond.write(({ fs }) => fs.mkdir('/in')));
  for (let commit = 1; commit <= commits; commit += 1) {
    await settled(pond.write(({ fs }) => fs.write(`/in/file-${commit}.txt`, Buffer.from('x'.repeat(1024)))));
  }
  await settled(pond.close());
  return directory;
};
