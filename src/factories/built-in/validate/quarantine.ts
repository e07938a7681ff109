import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import type { ContentFormat } from '../../../ports/query-engine.js';
import { compressionOf } from '../../../queries/content-format.js';
import type { PondWriter } from '../../../tinyfs/tinyfs.js';
import type { CheckedFile } from '../../../validation/checking/check-file.js';
import type { Quarantined } from '../../../validation/checking/report.js';
import { isBroken } from '../../../validation/checking/verdict.js';
import { SOURCE } from '../../../validation/query/compile.js';
import { splitQueries } from '../../../validation/query/numbered-rows.js';
import type { RowRule } from '../../../validation/query/row-rules.js';
import type { CheckProblem } from './check-problem.js';
import type { FileToCheck } from './files-to-check.js';
import { type SplitFile, splitJson } from './split-json.js';

export interface QuarantineDeps {
  /** Reads what the engine has written. */
  readonly files: Pick<HostFileSystem, 'streamFile'>;
}

/** Path that rows are moved to. */
export interface QuarantinePlace {
  readonly directory: string;
  readonly txnId: string;
  readonly fs: PondWriter;
}

/**
 * Moves rows that break a rule out of a file that the transaction writes, into a file of their own; both are part of the
 * transaction. Nothing is moved where no single row is at fault. Of a series one version is changed, which the transaction has appended.
 */
export const quarantineRows = (
  { files }: QuarantineDeps,
  { directory, txnId, fs }: QuarantinePlace,
  { path, version }: FileToCheck,
  checked: CheckedFile,
): TE.TaskEither<CheckProblem, Quarantined | null> =>
  steps(async (s) => {
    const { verdict, compiled, found } = checked;
    const broken = verdict.outcomes.filter((outcome) => isBroken(outcome) && outcome.isAboutRows);
    // The rows that stay would have to be compressed again: such a file is refused as a whole.
    if (broken.length === 0 || compressionOf(path) !== null) return null;
    const { entryType } = await s.run(fs.stat(path));
    if (entryType !== 'file' && entryType !== 'table' && (entryType !== 'series' || version === undefined))
      return null;
    const rules = compiled.rowRules.filter(({ column, kind }) =>
      broken.some((outcome) => outcome.column === column && outcome.rule === kind),
    );
    const split =
      found.format === 'json'
        ? await s.run(splitJson({ files, fs }, path, rules, checked))
        : await s.run(splitByEngine({ files }, rules, checked, found.format));
    if (split === null) return null;
    const name = version === undefined ? txnId : `${txnId}-${version}`;
    const to = `${directory}${path}/${name}.${endingOf(path, found.format)}`;
    await s.run(fs.mkdirAll(`${directory}${path}`));
    await s.run(fs.write(to, split.bad));
    await s.run(
      fs.write(path, split.good, { entryType, ...(version === undefined ? {} : { replaces: version }) }),
    );
    return { path, rows: split.rows, to, rules: broken.map(({ message }) => message) };
  });

const splitByEngine = (
  { files }: QuarantineDeps,
  rules: readonly RowRule[],
  { session, found }: CheckedFile,
  format: 'csv' | 'parquet',
): TE.TaskEither<CheckProblem, SplitFile> =>
  steps(async (s) => {
    const queries = splitQueries(
      found.columns.map(({ name }) => name),
      rules,
    );
    const as = { format, like: SOURCE };
    const bad = await s.run(session.write(queries.bad, as));
    const good = await s.run(session.write(queries.good, as));
    return { rows: bad.rows, bad: files.streamFile(bad.file), good: files.streamFile(good.file) };
  });

/** JSON has several endings, which say how it is written. */
const endingOf = (path: string, format: ContentFormat): string =>
  format === 'json' ? (/\.([a-z]+)$/i.exec(path)?.[1] ?? 'json') : format;
