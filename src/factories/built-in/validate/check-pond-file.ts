import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { QueryEngine } from '../../../ports/query-engine.js';
import type { NoWorkingSpace } from '../../../ports/working-spaces.js';
import { describeNotATable } from '../../../queries/content-format.js';
import { contentTable } from '../../../queries/content-table.js';
import { watchedContents } from '../../../queries/watched-contents.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { PondReader, PondWriter } from '../../../tinyfs/tinyfs.js';
import { type CheckedFile, checkFile } from '../../../validation/checking/check-file.js';
import { type FileVerdict, unreadable } from '../../../validation/checking/verdict.js';
import { EARLIER, SOURCE } from '../../../validation/query/compile.js';
import type { Rules } from '../../../validation/rules.js';
import type { CheckProblem } from './check-problem.js';
import type { FileToCheck } from './files-to-check.js';

/** Ports that checking needs from outside. */
export interface CheckDeps {
  readonly engine: Pick<QueryEngine, 'session' | 'needed'>;
  /** A private directory for temporary files. */
  readonly withWorkspace: <E, A>(
    use: (directory: string) => TE.TaskEither<E, A>,
  ) => TE.TaskEither<NoWorkingSpace | E, A>;
}

/** Files in the pond, as they are read for a check. */
export interface CheckedPond {
  readonly fs: PondReader | PondWriter;
  readonly signal: AbortSignal;
}

/** Memory of the engine for one file: what exceeds it goes to temporary files. */
const MEMORY_LIMIT = '128MB';

/** Checks a file of the pond. One that is not a table, or not there, has a verdict like one that is damaged. */
export const checkPondFile = <A>(
  { engine, withWorkspace }: CheckDeps,
  { fs, signal }: CheckedPond,
  rules: Rules,
  { path, since, version, earlier = [] }: FileToCheck,
  then: (checked: CheckedFile) => TE.TaskEither<CheckProblem, A | null> = () => TE.right(null),
): TE.TaskEither<CheckProblem, { readonly verdict: FileVerdict; readonly after: A | null }> =>
  withWorkspace((workspace) => async () => {
    let failure: CheckProblem | null = null;
    const partOf = (name: string) =>
      name === SOURCE ? { since, version } : name === EARLIER ? { versions: earlier } : {};
    const table = (name: string, of: string) =>
      pipe(
        contentTable(fs, { name, path: of, ...partOf(name) }),
        TE.map((found) =>
          watchedContents(found, (thrown) => {
            if (isTagged(thrown)) failure = thrown;
          }),
        ),
      );
    const bounds = { signal, workspace, memoryLimit: MEMORY_LIMIT };
    const checked = await checkFile<CheckProblem, A | null>(
      { engine, bounds, table, hasEarlier: earlier.length > 0 },
      rules,
      path,
      then,
    )();
    if (failure !== null) return { _tag: 'Left', left: failure };
    return isLeft(checked) && checked.left._tag === 'NotATable' && checked.left.path === path
      ? { _tag: 'Right', right: { verdict: unreadable(path, describeNotATable(checked.left)), after: null } }
      : checked;
  });

const isTagged = (thrown: unknown): thrown is TinyFsError =>
  typeof thrown === 'object' && thrown !== null && '_tag' in thrown;
