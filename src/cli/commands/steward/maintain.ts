import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import type { MaintenanceReport } from '../../../steward/upkeep.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { age } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { byteSize, counted } from '../../words/print-values.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option('--dry-run', 'only say what would be done')
      .addOption(
        new Option(
          '--retention <duration>',
          'how long merged-away files and records of reads are kept (default: 7d)',
        ).argParser(age),
      );
  },
  examples: [
    ['maintain', 'what is older than a week and what crashes left'],
    ['maintain --retention 0s --dry-run', 'all that could be removed'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.maintain(optionsOf(invocation))),
      TE.flatMap((report) =>
        writeResult(
          invocation,
          { json: () => document(report), text: () => inLines(lines(printableDeep(report))) },
          report.isLogBehind ? EXIT.failed : EXIT.done,
        ),
      ),
    ),
};

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
});

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
      : said.length + repaired + packed === 0
        ? ['nothing to do']
        : []),
  ];
};
