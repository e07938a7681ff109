import type { PathCommit } from '../../steward/shapes/comparisons.js';
import { localTime, typedCommand } from '../words/print-values.js';
import { renderColumns } from '../words/render-columns.js';

/** A line a commit, and one for each change in it. */
export const renderPathHistory = (commits: readonly PathCommit[]): readonly string[] =>
  commits.flatMap(({ txnSeq, timestamp, operation, cliArgs, changes }) => [
    `#${txnSeq}  ${localTime(timestamp)}  ${cliArgs.length === 0 ? operation : typedCommand(cliArgs)}`,
    ...renderColumns(
      changes.map((change) => [
        '  ',
        change.kind,
        change.kind === 'renamed' ? `${change.from} -> ${change.path}` : change.path,
        change.kind === 'deleted' ? '' : `v${change.version}`,
        change.kind === 'deleted' || change.entryType === 'directory' ? '' : String(change.size),
        change.forgotten === undefined ? '' : `forgotten since ${localTime(change.forgotten.since)}`,
      ]),
    ),
  ]);
