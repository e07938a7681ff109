import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import type { PondWriter } from '../../../tinyfs/tinyfs.js';
import type { CheckedFile } from '../../../validation/check-file.js';
import { SOURCE } from '../../../validation/compile.js';
import { splitQueries } from '../../../validation/numbered-rows.js';
import type { Quarantined } from '../../../validation/report.js';
import { isBroken } from '../../../validation/verdict.js';
import type { CheckProblem } from './check-problem.js';
import type { FileToCheck } from './files-to-check.js';

export interface QuarantineDeps {
  /** Reads what the engine has written. */
  readonly files: Pick<HostFileSystem, 'streamFile'>;
}

/** Where rows are moved to. */
export interface QuarantinePlace {
  readonly directory: string;
  readonly txnId: string;
  readonly fs: PondWriter;
}

/**
 * Moves rows that break a rule out of a file that the transaction writes, into a file of their own; both are part of the
 * transaction. Nothing is moved where no single row is at fault, of a series, whose versions stay as they were appended,
 * and of JSON, whose values have no one way to be written.
 */
export const quarantineRows = (
  { files }: QuarantineDeps,
  { directory, txnId, fs }: QuarantinePlace,
  { path }: FileToCheck,
  { verdict, compiled, session, found }: CheckedFile,
): TE.TaskEither<CheckProblem, Quarantined | null> =>
  steps(async (s) => {
    const broken = verdict.outcomes.filter((outcome) => isBroken(outcome) && outcome.isAboutRows);
    const { format } = found;
    if (broken.length === 0 || format === 'json') return null;
    const { entryType } = await s.run(fs.stat(path));
    if (entryType !== 'file' && entryType !== 'table') return null;
    const rules = compiled.rowRules.filter(({ column, kind }) =>
      broken.some((outcome) => outcome.column === column && outcome.rule === kind),
    );
    const queries = splitQueries(
      found.columns.map(({ name }) => name),
      rules,
    );
    const as = { format, like: SOURCE };
    const bad = await s.run(session.write(queries.bad, as));
    const good = await s.run(session.write(queries.good, as));
    const to = `${directory}${path}/${txnId}.${format}`;
    await s.run(fs.mkdirAll(`${directory}${path}`));
    await s.run(fs.write(to, files.streamFile(bad.file)));
    await s.run(fs.write(path, files.streamFile(good.file), { entryType }));
    return { path, rows: bad.rows, to, rules: broken.map(({ message }) => message) };
  });
