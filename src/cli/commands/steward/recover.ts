import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { recoveryDocument } from '../../../documents/recovery-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { RecoverOptions } from '../../../steward/shapes/upkeep.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { exitCodeOfRecovery } from '../../exit-codes.js';
import { wholeNumber } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderRecovery } from '../../render/render-recovery.js';
import { paintFor } from '../../words/paint.js';
import { warnOfTasks } from '../../words/warn-of-tasks.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option('--dry-run', 'only say what would be done')
      .option('--post-commit', 'tasks only, unfinished and failed ones')
      .option('--failed', 'failed tasks, too')
      .option('--current-config', "use today's configuration instead of that of each commit")
      .option(
        '--adopt',
        'end processes and remove records, too, that nothing shows to be your own; each is shown first',
      )
      .addOption(new Option('--txn <transaction>', 'only the tasks of this commit').argParser(wholeNumber))
      .option('--factory <name>', 'only tasks of this factory');
  },
  examples: [
    ['recover', 'repair what a crash left and run the tasks that did not end'],
    ['recover --failed --factory host-export', 'also run the failed tasks of one factory again'],
    ['recover --failed --current-config', 'the failed tasks, after their configuration was corrected'],
    ['recover --dry-run', 'only look'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.recover(recoverOptions(invocation))),
      TE.tapIO((report) => () => {
        if (!report.dryRun) warnOfTasks(invocation, report.tasks);
      }),
      TE.flatMap((report) =>
        writeResult(
          invocation,
          {
            json: () => recoveryDocument(report),
            text: () =>
              inLines(
                renderRecovery(printableDeep(report), paintFor(invocation.terminal), {
                  adopted: invocation.given.flag('adopt'),
                }),
              ),
          },
          exitCodeOfRecovery(report),
        ),
      ),
    ),
};

const recoverOptions = ({ given, terminal }: Invocation): RecoverOptions => {
  const txnSeq = given.number('txn');
  const factory = given.text('factory');
  return {
    dryRun: given.flag('dryRun'),
    postCommitOnly: given.flag('postCommit'),
    failed: given.flag('failed'),
    currentConfig: given.flag('currentConfig'),
    adopt: given.flag('adopt'),
    signal: terminal.interrupt,
    ...(txnSeq === undefined ? {} : { txnSeq }),
    ...(factory === undefined ? {} : { factory }),
  };
};
