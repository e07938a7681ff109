import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { differenceDocument } from '../../../documents/difference-document.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { printable } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { transactionNumber } from '../../line/operand-values.js';
import { pondPaths } from '../../line/pond-paths.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<transaction>', 'the number of the commit to undo, or latest')
      .argument('[path...]', 'only what it changed at or below these paths')
      .option('--force', 'also what later commits changed');
  },
  examples: [
    ['revert latest', 'a new commit that undoes what the newest one changed'],
    ['revert 42', 'the same of commit 42, where nothing that came later is in the way'],
    ['revert 42 /in/data.csv', 'one file of it'],
  ],
  run: (invocation) => {
    const [which = '', ...paths] = invocation.given.operands;
    return steps(async (s) => {
      const named = which === 'latest' ? undefined : s.take(commitNumber(which));
      const wanted = await s.run(pondPaths(paths));
      const undo = withPond((steward) =>
        pipe(
          named === undefined ? newest(steward) : TE.right(named),
          TE.flatMap((txnSeq) => reverted(invocation, steward, { txnSeq, paths: wanted })),
        ),
      );
      return s.run(undo(invocation));
    });
  },
};

const newest = (steward: Steward): TE.TaskEither<CliError, number> =>
  pipe(
    steward.status(),
    TE.map(({ lastTxnSeq }) => lastTxnSeq),
  );

const commitNumber = (text: string): E.Either<UsageError, number | undefined> =>
  pipe(
    transactionNumber(text),
    E.mapLeft(({ message }) => usage(message, 'a whole number from 1, such as 42, or latest')),
  );

interface Asked {
  readonly txnSeq: number;
  readonly paths: readonly PondPath[];
}

const reverted = (
  invocation: Invocation,
  steward: Steward,
  { txnSeq, paths }: Asked,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    steward.write(({ fs }) => fs.revert(txnSeq, { paths, force: invocation.given.flag('force') }), {
      operation: 'revert',
      signal: invocation.terminal.interrupt,
    }),
    TE.flatMap((outcome) => {
      if (outcome.value.length === 0) invocation.terminal.writeErr(nothingToUndo(txnSeq, paths));
      else if (outcome._tag !== 'Committed') invocation.terminal.writeErr(inUse(txnSeq));
      return reportWrite(invocation, {
        reverted: { txn_seq: txnSeq, differences: outcome.value.map(differenceDocument) },
      })(outcome);
    }),
  );

const inUse = (txnSeq: number): string =>
  `pond: nothing was undone: the directories that transaction ${txnSeq} made have something in them since, and stay\n`;

const nothingToUndo = (txnSeq: number, paths: readonly PondPath[]): string =>
  paths.length === 0
    ? `pond: nothing to undo: what transaction ${txnSeq} changed is as it was before already\n`
    : `pond: nothing to undo: transaction ${txnSeq} changed nothing at or below ${paths.map(printable).join(', ')} that is not as it was before already\n`;
