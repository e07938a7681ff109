import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../domain/documents/json.js';
import type { WriteTransaction } from '../../steward/shapes/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { describeFailure } from '../words/describe-cli-error.js';
import { reportWrite } from './report-write.js';
import { withPond } from './with-pond.js';

/** Facts about what landed, for the document. */
export interface WriteNotes {
  /** Names what is not as it should be: with any, the exit code is not that of a write with which all is well. */
  readonly blemishes: JsonObject;
  readonly remarks: JsonObject;
}

const NOTHING: WriteNotes = { blemishes: {}, remarks: {} };

/** Runs `body` in one write transaction of the pond and reports what became of it. */
export const writePond = <A>(
  invocation: Invocation,
  operation: string,
  body: (transaction: WriteTransaction) => TE.TaskEither<CliError, A>,
  notesOf: (value: A) => WriteNotes = () => NOTHING,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    invocation,
    withPond((steward) =>
      pipe(
        steward.write(body, { operation, describe: describeFailure, signal: invocation.terminal.interrupt }),
        TE.flatMap((outcome) => {
          const { blemishes, remarks } = notesOf(outcome.value);
          return pipe(
            reportWrite(invocation, { ...blemishes, ...remarks })(outcome),
            TE.map((code) =>
              code === EXIT.done && Object.keys(blemishes).length > 0 ? EXIT.tasksFailed : code,
            ),
          );
        }),
      ),
    ),
  );
