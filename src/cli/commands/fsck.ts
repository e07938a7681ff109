import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PlanCheck } from '../../steward/steward.js';
import type { CommandDefinition } from '../command.js';
import { usage } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { inLines, writeResult } from '../output.js';
import { counted } from '../print-values.js';
import { withPond } from '../with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.option('--plans', "compute every commit's plan anew and compare it with the recorded one");
  },
  examples: [['fsck --plans', 'exits with 1 if any plan is not what was recorded']],
  run: (invocation) =>
    invocation.given.flag('plans')
      ? pipe(
          invocation,
          withPond((steward) => steward.checkPlans()),
          TE.flatMap((check) =>
            writeResult(
              invocation,
              { json: () => ({ plans: document(check) }), text: () => inLines(lines(check)) },
              check.differing.length === 0 ? EXIT.done : EXIT.failed,
            ),
          ),
        )
      : TE.left(usage('say what is to be checked', 'pond fsck --plans')),
};

const document = ({ commits, differing }: PlanCheck) => ({
  commits,
  differing: differing.map(({ txnSeq, recorded, computed, registryAsked }) => ({
    txn_seq: txnSeq,
    recorded_checksum: recorded,
    computed_checksum: computed,
    registry_asked: registryAsked,
  })),
});

const lines = ({ commits, differing }: PlanCheck): readonly string[] => [
  ...differing.map(
    ({ txnSeq, recorded, computed, registryAsked }) =>
      `commit ${txnSeq}: recorded ${recorded}, computed ${computed}${
        registryAsked === 'now' ? ' (what the registry said then is not known any more)' : ''
      }`,
  ),
  differing.length === 0
    ? `the plans of ${counted(commits, 'commit')} are as they were recorded`
    : `${differing.length} of ${counted(commits, 'plan')} differ`,
];
