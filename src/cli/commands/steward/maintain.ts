import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { ForgetReport, MaintainOptions, MaintenanceReport } from '../../../steward/shapes/upkeep.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { momentText } from '../../line/moment.js';
import { pondPath } from '../../line/pond-paths.js';
import { age } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { STATE_WORDS, transactionAt } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { byteSize, counted } from '../../words/print-values.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[path...]', 'with --forget-before: only contents of what is, or last was, at or below these')
      .option('--dry-run', 'only say what would be done')
      .addOption(
        new Option(
          '--forget-before <transaction>',
          `give up old contents: every state from this one on stays, ${STATE_WORDS}`,
        ).argParser(momentText),
      )
      .addOption(
        new Option(
          '--retention <duration>',
          'how long merged-away files and records of reads are kept (default: 7d; of files, with --forget-before: 0s)',
        ).argParser(age),
      );
  },
  examples: [
    ['maintain', 'what is older than a week and what crashes left'],
    ['maintain --retention 0s --dry-run', 'all that could be removed'],
    [
      'maintain --forget-before -365d --dry-run',
      'how much room the contents take that are older than a year',
    ],
    [
      'maintain --forget-before 1000 /sensors',
      'gives up what only states before transaction 1000 show of /sensors',
    ],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) =>
        pipe(
          forgetting(invocation, steward),
          TE.flatMap((forget) => steward.maintain({ ...optionsOf(invocation), ...forget })),
        ),
      ),
      TE.flatMap((report) =>
        writeResult(
          invocation,
          { json: () => document(report), text: () => inLines(lines(printableDeep(report))) },
          report.isLogBehind ? EXIT.failed : EXIT.done,
        ),
      ),
    ),
};

/** Contents that are to be forgotten, as they are named on the command line. */
const forgetting = (
  invocation: Invocation,
  steward: Steward,
): TE.TaskEither<CliError, Pick<MaintainOptions, 'forget'>> =>
  steps(async ({ run, fail }) => {
    const { given } = invocation;
    const text = given.text('forgetBefore');
    if (text === undefined) {
      return given.operands.length === 0 ? {} : fail(usage('paths go with --forget-before', remedy));
    }
    const paths: PondPath[] = [];
    for (const operand of given.operands) paths.push(await run(pondPath(operand)));
    const asked = await run(
      pipe(
        transactionAt(invocation, steward, text),
        // A pond that is younger than that has no older state: nothing is forgotten, as a line of cron expects.
        TE.orElse((error) => (error._tag === 'NoCommitYet' ? TE.right(1) : TE.left(error))),
      ),
    );
    return { forget: { before: asked ?? (await run(steward.status())).lastTxnSeq, paths } };
  });

const remedy = 'pond maintain --forget-before 1000 /sensors';

const optionsOf = ({ given, terminal }: Invocation) => {
  const retentionMs = given.number('retention');
  return {
    dryRun: given.flag('dryRun'),
    signal: terminal.interrupt,
    ...(retentionMs === undefined ? {} : { retentionMs }),
  };
};

const document = (report: MaintenanceReport) => ({
  dry_run: report.dryRun,
  removed: { ...report.removed },
  bytes: report.bytes,
  reads_pruned: report.readsPruned,
  outputs_removed: report.outputsRemoved,
  checkpoints_repaired: report.checkpointsRepaired,
  log_entries_packed: report.entriesPacked,
  ...(report.forgotten === null ? {} : { forgotten: forgottenDocument(report.forgotten) }),
});

const forgottenDocument = ({ before, contents, bytes, keptFor, cachedFiles }: ForgetReport) => ({
  before,
  contents,
  bytes,
  cached_files: cachedFiles,
  kept_for: keptFor.map((task) => ({
    task: printTaskId(task),
    config_path: task.configPath,
    state: task.state,
  })),
});

const forgottenLines = (report: ForgetReport | null, dryRun: boolean): readonly string[] => {
  if (report === null) return [];
  const { before, contents, bytes, keptFor } = report;
  const commits = [...new Set(keptFor.map(({ parentTxnSeq }) => parentTxnSeq))];
  return [
    ...(contents === 0
      ? [`nothing is there that only states before transaction ${before} show`]
      : [
          `${counted(contents, 'content')} (${byteSize(bytes)}) that only states before transaction ${before} show ${dryRun ? 'would be forgotten' : 'forgotten'}`,
        ]),
    ...(keptFor.length === 0
      ? []
      : [
          `what ${commits.length === 1 ? 'commit' : 'commits'} ${commits.join(', ')} ${commits.length === 1 ? 'shows' : 'show'} is kept for ${counted(keptFor.length, 'task')} that ${keptFor.length === 1 ? 'is' : 'are'} unfinished or failed: ${keptFor.map((task) => `${printTaskId(task)} ${task.configPath}`).join(', ')}`,
          'pond recover --failed runs them, pond control dismiss settles them',
        ]),
  ];
};

const lines = (report: MaintenanceReport): readonly string[] => {
  const { removed, dryRun } = report;
  const done = [
    [removed.merged_away_files, counted(removed.merged_away_files, 'merged-away file')],
    [removed.orphaned_files, counted(removed.orphaned_files, 'orphaned data file')],
    [removed.orphaned_blobs, counted(removed.orphaned_blobs, 'orphaned blob')],
    [removed.staged_files, counted(removed.staged_files, 'staged file')],
    [removed.checkpoints, counted(removed.checkpoints, 'superseded checkpoint')],
    [report.readsPruned, `the records of ${counted(report.readsPruned, 'read')}`],
    [report.outputsRemoved, `the output of ${counted(report.outputsRemoved, 'attempt')}`],
  ] as const;
  const said = done.flatMap(([count, words]) =>
    count === 0 ? [] : [`${words} ${dryRun ? 'would be removed' : 'removed'}`],
  );
  const repaired = report.checkpointsRepaired;
  const packed = report.entriesPacked;
  return [
    ...forgottenLines(report.forgotten, dryRun),
    ...said,
    ...(repaired === 0
      ? []
      : [`${counted(repaired, 'wrong checkpoint')} ${dryRun ? 'would be replaced' : 'replaced'}`]),
    ...(packed === 0
      ? []
      : [
          `${packed === 1 ? '1 log entry' : `${packed} log entries`} ${dryRun ? 'would be packed' : 'packed'}`,
        ]),
    ...(report.bytes === 0
      ? []
      : [`${byteSize(report.bytes)} ${dryRun ? 'would be' : 'are'} free${dryRun ? '' : ' again'}`]),
    ...(report.isLogBehind
      ? ['no file was removed: the log has lost commits that the control table knows (pond fsck)']
      : said.length + repaired + packed === 0 && report.forgotten === null
        ? ['nothing to do']
        : []),
  ];
};
