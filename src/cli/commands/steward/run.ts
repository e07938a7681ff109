import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../../domain/documents/json.js';
import type { ExecutionMode } from '../../../domain/plans/execution-mode.js';
import { printable } from '../../../domain/text/printable.js';
import type { RunOutcome } from '../../../steward/shapes/call-reports.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { pondPath } from '../../line/pond-paths.js';
import { writeResult } from '../../output.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';
import { startProgressWords } from '../../words/progress-words.js';
import { reportLines } from '../../words/report-lines.js';

const MODES: Readonly<Record<string, ExecutionMode>> = {
  writer: 'InTransactionWriter',
  'post-commit': 'PostCommitReader',
};

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .usage('[options] PATH [-- ARGUMENTS...]')
      .argument('<path>', 'a node with an executable factory')
      .argument('[arguments...]', 'handed to the factory; after -- where they begin with a dash')
      .addOption(
        new Option(
          '--mode <mode>',
          'in a write transaction of its own, or reading as after a commit; default: what the factory declares, writer if both',
        ).choices(Object.keys(MODES)),
      );
  },
  examples: [
    ['run /etc/system.d/20-report', 'now, whatever was committed last'],
    ['run /jobs/import -- --since 2026-01-01', 'with arguments'],
  ],
  run: (invocation) => {
    const { given, terminal } = invocation;
    const mode = MODES[given.text('mode') ?? ''];
    const args = given.operands.slice(1);
    const progress = startProgressWords(terminal, invocation.program.clock);
    return pipe(
      pondPath(given.operands[0]),
      TE.flatMap((path) =>
        pipe(
          invocation,
          withPond((steward) =>
            steward.run(path, {
              args,
              signal: terminal.interrupt,
              onProgress: progress.say,
              ...(mode === undefined ? {} : { mode }),
            }),
          ),
        ),
      ),
      TE.tapIO(() => progress.end),
      TE.tapError(() => TE.fromIO(progress.end)),
      TE.tapIO(
        ({ report }) =>
          () =>
            showReport(invocation, report),
      ),
      TE.flatMap((ran) =>
        ran.mode === 'InTransactionWriter'
          ? reportRun(invocation, ran)
          : writeResult(
              invocation,
              {
                json: () => ({
                  mode: 'post-commit',
                  txn_seq: ran.txnSeq,
                  ...(ran.report === null ? {} : { report: ran.report }),
                }),
                text: () => '',
              },
              EXIT.done,
            ),
      ),
    );
  },
};

/** Shows whoever sits before it what the factory has reported. A document has it. */
const showReport = ({ terminal, options }: Invocation, report: Json | null): void => {
  if (!terminal.errIsTerminal || options.json) return;
  for (const line of reportLines(report)) terminal.writeErr(`${printable(line)}\n`);
};

/** A writer's run is a write that may have left something undone: then what landed counts as one whose tasks failed. */
const reportRun = (
  invocation: Invocation,
  { outcome, report, undone }: Extract<RunOutcome, { readonly mode: 'InTransactionWriter' }>,
): TE.TaskEither<never, ExitCode> =>
  pipe(
    TE.fromIO(() => {
      for (const what of undone) invocation.terminal.writeErr(`pond: warning: ${printable(what)}\n`);
    }),
    TE.flatMap(() =>
      reportWrite(invocation, {
        mode: 'writer',
        ...(report === null ? {} : { report }),
        ...(undone.length === 0 ? {} : { undone }),
      })(outcome),
    ),
    TE.map((code) =>
      undone.length === 0 || code !== EXIT.done
        ? code
        : outcome._tag === 'Committed'
          ? EXIT.tasksFailed
          : EXIT.failed,
    ),
  );
