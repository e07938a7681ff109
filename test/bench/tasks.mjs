import { join } from 'node:path';
import { sqliteTransaction } from './machinery/floor.mjs';
import { interleaved, median, ms, settled, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(100, 1);
const WARM_UP = sized(20, 0);
const FEW = 1;
const MANY = sized(11, 2);
const FEW_BESIDE = sized(10, 2);
const MANY_BESIDE = sized(110, 3);

/**
 * What a task that does nothing adds to a commit: ponds with 0, 1 and 11 of them one after another, and with 10 and 110
 * of them ten side by side, commit by commit in turn, beside one durable SQLite transaction. A task has two records: its
 * start and its end.
 */
export const benchTasks = async ({ Steward }, scratch) => {
  const opened = [];
  const pondWith = async (tasks, schedule = 'sequential') => {
    const directory = join(scratch, `tasks-${schedule}-${tasks}`);
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory));
    opened.push(pond);
    const settings = `schedule: ${schedule}\nmax_concurrency: 10\n`;
    await settled(pond.write(({ fs }) => fs.write('/etc/system.d/config.yaml', Buffer.from(settings))));
    for (let task = 1; task <= tasks; task += 1) {
      await settled(
        pond.write(({ fs }) =>
          fs.createDynamicPath(
            `/etc/system.d/${String(task).padStart(3, '0')}-noop`,
            'file:dynamic',
            'test-executor',
            Buffer.from('message: nothing\n'),
          ),
        ),
      );
    }
    return async (round) => {
      const outcome = await settled(
        pond.write(({ fs }) => fs.write(`/${round}.txt`, Buffer.from('x'.repeat(1024)))),
      );
      const completed = outcome.tasks.filter(({ state }) => state === 'completed').length;
      if (completed !== tasks) throw new Error(`${completed} of ${tasks} tasks completed`);
    };
  };

  const measured = await interleaved(ROUNDS, WARM_UP, {
    sqlite: sqliteTransaction(join(scratch, 'tasks-floor')),
    none: await pondWith(0),
    few: await pondWith(FEW),
    many: await pondWith(MANY),
    fewBeside: await pondWith(FEW_BESIDE, 'graph'),
    manyBeside: await pondWith(MANY_BESIDE, 'graph'),
  });
  for (const pond of opened) await settled(pond.close());

  const [sqlite, none, few, many] = ['sqlite', 'none', 'few', 'many'].map((name) => median(measured[name]));
  const perTask = (many - few) / (MANY - FEW);
  const perTaskBeside =
    (median(measured.manyBeside) - median(measured.fewBeside)) / (MANY_BESIDE - FEW_BESIDE);
  return [
    [
      'tasks that do nothing, ten side by side: each of their records',
      times(perTaskBeside / 2 / sqlite),
      '<= 0.3 x',
      `${ms(perTaskBeside)} a task (of 110, less the commit with 10); a durable SQLite transaction takes ${ms(sqlite)}`,
    ],
    [
      '  one after another',
      times(perTask / 2 / sqlite),
      '<= 2 x',
      `${ms(perTask)} a task (of 11, less the commit with 1); a durable SQLite transaction takes ${ms(sqlite)}`,
    ],
    [
      '  the first task of a commit: in all',
      times((few - none) / sqlite),
      '-',
      `${ms(few - none)}, with its plan's own transaction and that of the commit's end`,
    ],
  ];
};
