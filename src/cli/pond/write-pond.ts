import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { WriteTransaction } from '../../steward/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import { describeFailure } from '../words/describe-cli-error.js';
import { reportWrite } from './report-write.js';
import { withPond } from './with-pond.js';

/** Runs `body` in one write transaction of the pond and reports what became of it. */
export const writePond = <A>(
  invocation: Invocation,
  operation: string,
  body: (transaction: WriteTransaction) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    invocation,
    withPond((steward) =>
      pipe(
        steward.write(body, { operation, describe: describeFailure, signal: invocation.terminal.interrupt }),
        TE.flatMap(reportWrite(invocation)),
      ),
    ),
  );
