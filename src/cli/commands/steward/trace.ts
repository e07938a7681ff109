import { type Either, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { isSome } from 'fp-ts/lib/Option.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type CommitTimeline, isTraced } from '../../../documents/commit-timeline.js';
import { timelineOf, timelineOfFiring } from '../../../documents/timeline-of-commit.js';
import { traceDocument } from '../../../documents/trace-document.js';
import { traceLink } from '../../../documents/trace-link.js';
import { parseFiring } from '../../../domain/plans/firing.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition } from '../../command.js';
import type { CliError, UsageError } from '../../errors.js';
import { transactionNumber } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { COMMIT_OPERAND, commitAsked } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import type { Terminal } from '../../program.js';
import { renderTrace } from '../../trace/render-trace.js';
import { paintFor } from '../../words/paint.js';
import { pondNamed } from '../../words/pond-named.js';

/** Columns of a line where standard output is not a terminal, and the fewest that are used on one. */
const PLAIN_COLUMNS = 100;
const FEWEST_COLUMNS = 60;

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[transaction]', COMMIT_OPERAND);
  },
  examples: [
    ['trace', 'the last commit in time: its tasks side by side, attempts, waits, failures'],
    ['trace 42', 'commit 42, with retries of later days'],
    ['trace /etc/schedule.d/10-x@2026-11-28T21:15Z', 'a firing of a schedule'],
    ['trace 42 --json', 'the same for a program'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(commitOrFiring(invocation.given.operands[0])),
      TE.flatMap((asked) =>
        pipe(
          invocation,
          withPond((steward) =>
            pipe(
              timelineAsked(steward, asked, invocation.program.clock.nowMicros),
              TE.flatMap((timeline) => {
                const { environment } = invocation.terminal;
                const traceUrl = isTraced(timeline)
                  ? traceLink(timeline.commit.traceParent, environment)
                  : null;
                return writeResult(invocation, {
                  json: () => traceDocument(timeline, { pondId: steward.pondId, traceUrl }),
                  text: () =>
                    inLines(
                      renderTrace(printableDeep(timeline), {
                        columns: columnsOf(invocation.terminal),
                        paint: paintFor(invocation.terminal),
                        traceUrl,
                        named: pondNamed(invocation.options),
                      }),
                    ),
                });
              }),
            ),
          ),
        ),
      ),
    ),
};

/** A commit, the last one where none is named, or a firing by its name. */
const commitOrFiring = (operand: string | undefined): Either<UsageError, number | string | undefined> => {
  const firing = parseFiring(operand ?? '');
  return isSome(firing) ? right(firing.value.name) : transactionNumber(operand);
};

const timelineAsked = (
  steward: Steward,
  asked: number | string | undefined,
  now: () => number,
): TE.TaskEither<CliError, CommitTimeline> =>
  typeof asked === 'string'
    ? timelineOfFiring(steward, asked, now)
    : pipe(
        commitAsked(steward, asked),
        TE.flatMap((txnSeq): TE.TaskEither<CliError, CommitTimeline> => timelineOf(steward, txnSeq, now)),
      );

const columnsOf = ({ outColumns }: Terminal): number =>
  outColumns === undefined ? PLAIN_COLUMNS : Math.max(FEWEST_COLUMNS, outColumns);
