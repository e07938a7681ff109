import { join } from 'node:path';
import { interleaved, median, ms, settled, times } from './measure.mjs';
import { runNode } from './processes.mjs';

const ROUNDS = 40;
const WARM_UP = 3;

/** Whole processes of the executable, beside a Node that does nothing. */
export const benchStartUp = async ({ pond, Steward }, scratch) => {
  const directory = join(scratch, 'start-up');
  await settled(Steward.init(directory));
  await settled(
    Steward.using(directory, (open) =>
      open.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n'))),
    ),
  );
  const measured = await interleaved(ROUNDS, WARM_UP, {
    bare: () => runNode(['-e', '0']),
    version: () => runNode([pond, '--version']),
    cat: () => runNode([pond, '--pond', directory, 'cat', '/hello.txt']),
  });
  const bare = median(measured.bare);
  const row = (name, time, target) => [
    name,
    times(time / bare),
    target,
    `${ms(time)}, beside ${ms(bare)} for node -e 0; medians of ${ROUNDS}`,
  ];
  return [
    row('pond --version', median(measured.version), '<= 1.6 x'),
    row('pond cat of a small file', median(measured.cat), '<= 2.5 x'),
  ];
};
