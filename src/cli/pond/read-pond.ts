import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { describeFailure } from '../words/describe-cli-error.js';
import { readAt } from './read-at.js';
import { withPond } from './with-pond.js';

/** Runs `body` in one read transaction of the pond, at the transaction that `--at` or the surrounding task says. */
export const readPond = <A>(
  invocation: Invocation,
  operation: string,
  body: (transaction: ReadTransaction) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, A> =>
  pipe(
    invocation,
    withPond((steward) =>
      pipe(
        readAt(invocation, steward),
        TE.flatMap((at) =>
          steward.read(body, {
            operation,
            describe: describeFailure,
            at,
            signal: invocation.terminal.interrupt,
          }),
        ),
      ),
    ),
  );
