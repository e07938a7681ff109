import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { differenceDocument } from '../../../documents/difference-document.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { transactionNumber } from '../../line/operand-values.js';
import { pondPaths } from '../../line/pond-paths.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<transaction>', 'the number of the commit to undo')
      .argument('[path...]', 'only what it changed at or below these paths')
      .option('--force', 'also what later commits changed');
  },
  examples: [
    ['revert 42', 'a new commit that undoes what commit 42 changed'],
    ['revert 42 /in/data.csv', 'one file of it'],
  ],
  run: (invocation) => {
    const [number, ...paths] = invocation.given.operands;
    return pipe(
      TE.fromEither(transactionNumber(number)),
      TE.filterOrElseW(
        (txnSeq) => txnSeq !== undefined,
        () => usage('which commit?'),
      ),
      TE.flatMap((txnSeq = 0) =>
        pipe(
          pondPaths(paths),
          TE.flatMap((wanted) => reverted(invocation, txnSeq, wanted)),
        ),
      ),
    );
  },
};

const reverted = (
  invocation: Invocation,
  txnSeq: number,
  paths: readonly string[],
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    invocation,
    withPond((steward) =>
      pipe(
        steward.write(({ fs }) => fs.revert(txnSeq, { paths, force: invocation.given.flag('force') }), {
          operation: 'revert',
          signal: invocation.terminal.interrupt,
        }),
        TE.flatMap((outcome) =>
          reportWrite(invocation, {
            reverted: { txn_seq: txnSeq, differences: outcome.value.map(differenceDocument) },
          })(outcome),
        ),
      ),
    ),
  );
