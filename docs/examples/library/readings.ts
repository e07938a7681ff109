import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describeError, Steward } from 'pond-steward';

const [directory = '/tmp/example-pond'] = process.argv.slice(2);

const ENTRY = `factory: command
timeout: 30s
config:
  run: [sh, -c, "pond cat /readings/today.csv | grep -q ^time,"]
`;

const program = pipe(
  Steward.init(directory),
  TE.flatMap(() =>
    Steward.using(directory, (pond) =>
      pipe(
        TE.Do,
        // What follows every commit is configured in the pond itself.
        TE.tap(() =>
          pond.write(({ fs }) =>
            fs.createDynamicPath('/etc/system.d/10-check', 'file:dynamic', 'command', Buffer.from(ENTRY)),
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
      ),
    ),
  ),
);

const outcome = await program();
if (outcome._tag === 'Left') {
  console.error(describeError(outcome.left));
  process.exitCode = 1;
} else {
  const { written, bytes } = outcome.right;
  const tasks = written._tag === 'Committed' ? written.tasks : [];
  console.log(`commit ${written.txnSeq}: ${tasks.map(({ configPath, state }) => `${configPath} ${state}`)}`);
  console.log(Buffer.from(bytes).toString());
}
