import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describeError, type ExecutableFactory, exactType, Steward } from 'pond-steward';

const [directory = '/tmp/example-pond'] = process.argv.slice(2);

/** A factory of this program's: its tasks report how many readings there are. */
const countReadings: ExecutableFactory<object> = {
  name: 'count-readings',
  description: 'Counts the readings of today.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: exactType('an object', {}, {}),
  execute: ({ query, report }) =>
    pipe(
      query("SELECT count(*)::INTEGER FROM '/readings/today.csv'"),
      TE.map(({ rows }) => report({ readings: rows[0]?.[0] ?? 0 })),
    ),
};

const program = pipe(
  Steward.init(directory),
  TE.flatMap(() =>
    Steward.using(
      directory,
      (pond) =>
        pipe(
          TE.Do,
          // What follows every commit is configured in the pond itself.
          TE.tap(() =>
            pond.write(({ fs }) =>
              fs.createDynamicPath(
                '/etc/system.d/10-count',
                'file:dynamic',
                'count-readings',
                Buffer.from('factory: count-readings\n'),
              ),
            ),
          ),
          TE.bind('written', () =>
            pond.write(({ fs }) =>
              pipe(
                fs.mkdirAll('/readings'),
                TE.flatMap(() => fs.write('/readings/today.csv', Buffer.from('time,celsius\n07:00,4.5\n'))),
              ),
            ),
          ),
          TE.bind('bytes', () => pond.read(({ fs }) => fs.readBytes('/readings/today.csv'))),
          // What happened is in records, one for each step of a transaction and of its tasks.
          TE.bind('records', ({ written }) => pond.records({ txnId: written.txnId })),
        ),
      { factories: [countReadings] },
    ),
  ),
);

const outcome = await program();
if (outcome._tag === 'Left') {
  console.error(describeError(outcome.left));
  process.exitCode = 1;
} else {
  const { written, bytes, records } = outcome.right;
  const tasks = written._tag === 'Committed' ? written.tasks : [];
  for (const { configPath, state, report } of tasks)
    console.log(`commit ${written.txnSeq}: ${configPath} ${state}, ${JSON.stringify(report)}`);
  console.log(Buffer.from(bytes).toString().trimEnd());
  console.log(records.map(({ recordType }) => recordType).join(' '));
}
