import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bareCommit, sizesOfCommits, sqliteTransaction } from './machinery/floor.mjs';
import { interleaved, mean, median, ms, settled, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(400, 1);
/** Enough that both have been compiled, and that the pond has Parquet files to take the size of. */
const WARM_UP = sized(60, 0);

/** A durable commit of one small file, beside a bare script that writes and fsyncs the same files. */
export const benchCommits = async ({ Steward }, scratch) => {
  const directory = join(scratch, 'commits');
  const content = () => randomBytes(512).toString('hex');
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  const commit = (name) => settled(pond.write(({ fs }) => fs.write(`/${name}.txt`, Buffer.from(content()))));

  // The sizes are known once there are commits.
  for (let round = 0; round < 5; round += 1) await commit(`first-${round}`);
  const files = bareCommit(join(scratch, 'commits-floor'), sizesOfCommits(directory));
  const record = sqliteTransaction(join(scratch, 'commits-floor'));

  const measured = await interleaved(ROUNDS, WARM_UP, {
    floor: (round) => {
      files(round);
      record();
    },
    commit: (round) => commit(round),
  });
  await settled(pond.close());

  const [floor, product] = [median(measured.floor), median(measured.commit)];
  return [
    [
      'a durable commit of a 1 KB file',
      times(product / floor),
      '<= 1.4 x',
      `${ms(product)}, beside ${ms(floor)} for its bare files, fsyncs and SQLite transaction; medians of ${ROUNDS}`,
    ],
    [
      '  the mean, with merging and checkpoints',
      times(mean(measured.commit) / mean(measured.floor)),
      '<= 2 x',
      `${ms(mean(measured.commit))}, beside ${ms(mean(measured.floor))}`,
    ],
  ];
};
