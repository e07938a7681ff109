import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { interleaved, median, ms, settled, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(30, 1);
const WARM_UP = sized(5, 0);
const ENTRIES = sized(20, 2);
/** Milliseconds for which each task of one pond waits; those of the other do nothing. */
const WORK = sized(250, 1);

/** What a write that does not wait takes, where its tasks have much to do and where they have none: both run in `pond serve`. */
export const benchBackground = async ({ pond: executable, Steward }, scratch) => {
  const opened = [];
  const pondWith = async (delay) => {
    const directory = join(scratch, `background-${delay}`);
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory, { tasks: 'background' }));
    for (let entry = 0; entry < ENTRIES; entry += 1) {
      const text = `factory: test-executor\nconfig: { message: x, delay_ms: ${delay} }\n`;
      await settled(pond.write(({ fs }) => fs.write(`/etc/system.d/${10 + entry}`, Buffer.from(text))));
    }
    const server = spawn(process.execPath, [executable, 'serve', directory, '--no-web'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise((resolve) => server.stderr.once('data', resolve));
    server.stderr.resume();
    opened.push({ pond, server });
    return async (round) => {
      const outcome = await settled(pond.write(({ fs }) => fs.write(`/${round}`, Buffer.from(`${round}`))));
      if (outcome.inBackground !== true) throw new Error('nobody runs what was left to the background');
    };
  };
  const measured = await interleaved(ROUNDS, WARM_UP, {
    idle: await pondWith(0),
    busy: await pondWith(WORK),
  });
  for (const { pond, server } of opened) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    await settled(pond.close());
  }
  const [idle, busy] = [median(measured.idle), median(measured.busy)];
  return [
    [
      `a write that leaves ${ENTRIES} tasks of ${WORK} ms to the background, against tasks that do nothing`,
      times(busy / idle),
      '<= 1.3 x',
      `${ms(busy)}, beside ${ms(idle)}; medians of ${ROUNDS}, beside a pond serve for each`,
    ],
  ];
};
