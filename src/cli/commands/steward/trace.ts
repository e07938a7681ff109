import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import type { Incomplete, Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { traceLink } from '../../documents/trace-link.js';
import type { CliError } from '../../errors.js';
import { transactionNumber } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { COMMIT_OPERAND, commitAsked } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import type { Terminal } from '../../program.js';
import { type CommitTimeline, commitTimeline, isTraced } from '../../trace/commit-timeline.js';
import { renderTrace } from '../../trace/render-trace.js';
import { traceDocument } from '../../trace/trace-document.js';
import { paintFor } from '../../words/paint.js';

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
    ['trace 42 --json', 'the same for a program'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(transactionNumber(invocation.given.operands[0])),
      TE.flatMap((number) =>
        pipe(
          invocation,
          withPond((steward) =>
            pipe(
              commitAsked(steward, number),
              TE.flatMap((txnSeq) => timelineOf(invocation, steward, txnSeq)),
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

const columnsOf = ({ outColumns }: Terminal): number =>
  outColumns === undefined ? PLAIN_COLUMNS : Math.max(FEWEST_COLUMNS, outColumns);

/** Everything is read from the control table; the data's log only says whether there is such a commit at all. */
const timelineOf = (
  { program }: Invocation,
  steward: Steward,
  txnSeq: number,
): TE.TaskEither<CliError, CommitTimeline> =>
  pipe(
    TE.Do,
    TE.bind('tasks', () => steward.tasks(txnSeq)),
    TE.bind('derived', () => steward.derived(txnSeq)),
    TE.bind('incomplete', () => steward.incomplete()),
    TE.bindW('timelines', ({ derived, incomplete }) =>
      pipe(
        [txnSeq, ...derived.map((commit) => commit.txnSeq)],
        TE.traverseSeqArray((seq) => oneTimeline(steward, seq, incomplete, program.clock.nowMicros())),
      ),
    ),
    TE.flatMap(({ timelines: [own, ...derived] }) =>
      own === undefined
        ? TE.left<CliError>({ _tag: 'CommitNotRecorded', txnSeq })
        : TE.right({ ...own, derived }),
    ),
  );

const oneTimeline = (
  steward: Steward,
  txnSeq: number,
  incomplete: Incomplete,
  now: number,
): TE.TaskEither<CliError, Omit<CommitTimeline, 'derived'>> =>
  pipe(
    TE.Do,
    TE.bind('writes', () => steward.transactions({ limit: null, txnSeq, transactionTypes: ['write'] })),
    TE.bindW('commit', ({ writes }) =>
      // A write that failed, or has not committed yet, had the same number in mind.
      TE.fromNullable<CliError>({ _tag: 'CommitNotRecorded', txnSeq })(
        writes.find(({ dataFsVersion }) => dataFsVersion !== null),
      ),
    ),
    TE.bindW('records', ({ commit: { txnId } }) => steward.records({ txnId })),
    TE.map(({ commit, records }) => commitTimeline(commit, records, incomplete.tasks, now)),
  );
