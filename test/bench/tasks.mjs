import { join } from 'node:path';
import { sqliteTransaction } from './floor.mjs';
import { interleaved, median, ms, settled, times } from './measure.mjs';

const ROUNDS = 100;
const WARM_UP = 20;
const FEW = 1;
const MANY = 11;

/**
 * What a task that does nothing adds to a commit: ponds with 0, 1 and 11 of them, commit by commit in turn, beside
 * one durable SQLite transaction. The floor of a task is two of them: its start and its end.
 */
export const benchTasks = async ({ Steward }, scratch) => {
  const opened = [];
  const pondWith = async (tasks) => {
    const directory = join(scratch, `tasks-${tasks}`);
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory));
    opened.push(pond);
    for (let task = 1; task <= tasks; task += 1) {
      await settled(
        pond.write(({ fs }) =>
          fs.createDynamicPath(
            `/etc/system.d/${String(task).padStart(2, '0')}-noop`,
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
  });
  for (const pond of opened) await settled(pond.close());

  const [sqlite, none, few, many] = ['sqlite', 'none', 'few', 'many'].map((name) => median(measured[name]));
  const perTask = (many - few) / (MANY - FEW);
  return [
    [
      'a task that does nothing: each of its records',
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
