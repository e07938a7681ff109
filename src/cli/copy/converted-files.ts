import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { convertRows } from '../../series/convert-rows.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { hostFileFailed, incomingContent } from '../pond/host-content.js';
import { hostFileState, isAsItWas } from '../pond/host-file-state.js';
import { withPond } from '../pond/with-pond.js';
import type { CopyIn } from './direction.js';
import type { IncomingFile, InspectedSource } from './incoming-files.js';
import { warnOfUnmetForms } from './unmet-forms.js';

/** Parquet files on the host that were made of the rows of others. */
export type Converted = ReadonlyMap<IncomingFile, string>;

/**
 * Converts what is to be taken as rows, before the writer's lock is taken, and gives `use` where the results are. They are
 * gone when it has ended.
 */
export const withConverted = <A>(
  invocation: Invocation,
  given: {
    readonly copy: CopyIn;
    readonly sources: readonly InspectedSource[];
    readonly onBytes: (count: number) => void;
  },
  use: (converted: Converted) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, A> => {
  const wanted = given.sources.flatMap(({ files }) => files.filter(({ rows }) => rows !== null));
  if (wanted.length === 0) return use(new Map());
  return pipe(
    invocation,
    // Only in a pond is there a place for temporary files.
    withPond((steward) =>
      invocation.program.workspaces.use<CliError, A>(`${steward.directory}/control/queries`, (workspace) =>
        pipe(convertAll(invocation, { ...given, workspace, wanted }), TE.flatMap(use)),
      ),
    ),
  );
};

const convertAll = (
  invocation: Invocation,
  {
    copy,
    workspace,
    wanted,
    onBytes,
  }: {
    readonly copy: CopyIn;
    readonly workspace: string;
    readonly wanted: readonly IncomingFile[];
    readonly onBytes: (count: number) => void;
  },
): TE.TaskEither<CliError, Converted> =>
  steps(async ({ run }) => {
    const { program, terminal } = invocation;
    const deps = {
      files: program.files,
      engine: program.queryEngine,
      workspace,
      signal: terminal.interrupt,
    };
    const converted = new Map<IncomingFile, string>();
    for (const [number, file] of wanted.entries()) {
      const { hostPath, rows } = file;
      if (hostPath === null || rows === null) continue;
      const before = hostFileState(program.files, hostPath);
      const content = incomingContent({
        bytes: program.files.streamFile(hostPath),
        path: hostPath,
        signal: terminal.interrupt,
        onBytes,
      });
      const made = pipe(
        convertRows(deps, { path: hostPath, bytes: content.stream }, rows, copy.csv, number),
        TE.mapLeft((error): CliError => {
          const failure = content.failure();
          if (failure !== null) return failure;
          return error._tag === 'FileSystemError' ? hostFileFailed(error) : error;
        }),
      );
      const parquet = await run(made);
      await warnOfUnmetForms(invocation, { hostPath, parquet, rows, csv: copy.csv });
      converted.set(file, parquet);
      if (!isAsItWas(program.files, hostPath, before))
        await run(TE.left<CliError>({ _tag: 'HostFileChanged', path: hostPath }));
    }
    return converted;
  });
