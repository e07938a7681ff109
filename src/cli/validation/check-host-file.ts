import { resolve } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { CheckProblem } from '../../factories/built-in/validate/check-problem.js';
import type { QueryContent, QueryTable } from '../../ports/query-engine.js';
import { compressionOf, contentFormat } from '../../queries/content-format.js';
import { contentTable, plainContent } from '../../queries/content-table.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import { type CheckedFile, checkFile } from '../../validation/checking/check-file.js';
import type { FileVerdict } from '../../validation/checking/verdict.js';
import type { Rules } from '../../validation/rules.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { hostFileFailed } from '../pond/host-content.js';

/** Memory of the engine for one file: what exceeds it goes to temporary files. */
const MEMORY_LIMIT = '128MB';

/** The absolute path of a file of the host's that is named, `host:///in/a.csv`; null for a path of the pond. */
export const hostPathIn = ({ terminal }: Invocation, text: string): string | null => {
  const path = /^host:\/\/(.+)$/.exec(text)?.[1];
  return path === undefined ? null : resolve(terminal.workingDirectory, path);
};

/**
 * Checks a file of the host's before it is copied in, read where it is. Rules that refer to other files mean those of the pond.
 */
export const checkHostFile = <A>(
  { program, terminal }: Invocation,
  { fs, withWorkspace }: Pick<ReadTransaction, 'fs' | 'withWorkspace'>,
  rules: Rules,
  path: string,
  then: (checked: CheckedFile) => TE.TaskEither<CheckProblem, A | null> = () => TE.right(null),
): TE.TaskEither<CliError | CheckProblem, { readonly verdict: FileVerdict; readonly after: A | null }> =>
  steps(async (s) => {
    const named = `host://${path}`;
    // A symlink that the user named is followed once.
    const real = program.files.realPath(path)();
    if (isLeft(real)) return s.fail(hostFileFailed({ ...real.left, path }));
    const stat = program.files.stat(real.right)();
    if (isLeft(stat)) return s.fail(hostFileFailed({ ...stat.left, path }));
    if (stat.right.kind === 'directory') return s.fail({ _tag: 'HostDirectory', path });
    if (stat.right.kind !== 'file') return s.fail({ _tag: 'NotARegularFile', path });
    const format = s.take(contentFormat({ entryType: 'file', path: named as PondPath }));
    const compression = compressionOf(path);
    const content: QueryContent =
      compression === null
        ? { file: real.right }
        : plainContent(program.files.streamFile(real.right), named, compression);
    const table = (name: string, of: string): TE.TaskEither<CheckProblem, QueryTable> =>
      of === named
        ? TE.right({ name, path: named, format, contents: [content] })
        : contentTable(fs, { name, path: of });
    return s.run(
      withWorkspace((workspace) =>
        checkFile<CheckProblem, A | null>(
          {
            engine: program.queryEngine,
            bounds: { signal: terminal.interrupt, workspace, memoryLimit: MEMORY_LIMIT },
            table,
          },
          rules,
          named,
          then,
        ),
      ),
    );
  });
