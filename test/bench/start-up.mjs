import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, ms, settled, times } from './machinery/measure.mjs';
import { processorTimes } from './machinery/processor-time.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(40, 1);

/** Whole processes of the executable, beside a Node that does nothing. */
export const benchStartUp = async ({ pond, Steward }, scratch) => {
  const directory = join(scratch, 'start-up');
  await settled(Steward.init(directory));
  await settled(
    Steward.using(directory, (open) =>
      open.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n'))),
    ),
  );
  const file = join(scratch, 'start-up.txt');
  writeFileSync(file, 'hello\n');
  const measured = processorTimes(ROUNDS, {
    bare: ['-e', '0'],
    version: [pond, '--version'],
    cat: [pond, '--pond', directory, 'cat', '/hello.txt'],
    // To another path each time: what is there already makes no commit.
    copy: (round) => [pond, '--pond', directory, 'copy', `host://${file}`, `/copied-${round}.txt`],
  });
  const bare = median(measured.bare);
  const row = (name, time, target) => [
    name,
    times(time / bare),
    target,
    `${ms(time)} of the processor, beside ${ms(bare)} for node -e 0; medians of ${ROUNDS}`,
  ];
  return [
    row('pond --version', median(measured.version), '<= 1.2 x'),
    row('pond cat of a small file', median(measured.cat), '<= 1.5 x'),
    row('pond copy of a small file', median(measured.copy), '<= 1.7 x'),
  ];
};
