import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../domain/documents/json.js';
import { insidePond } from '../../host-plans/operations/inside-pond.js';
import { realDirectories } from '../../host-plans/steps/real-directories.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import type { Steward } from '../../steward/steward.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { writeResult } from '../output.js';
import { readAt } from '../pond/read-at.js';
import { withPond } from '../pond/with-pond.js';
import { outgoingContent } from '../query/outgoing-content.js';
import { tableAt } from '../query/table-at.js';
import { inOrder, type RowsOut, untyped, writtenContent } from '../query/written-content.js';
import { describeFailure } from '../words/describe-cli-error.js';
import { type Progress, startProgress } from '../words/progress.js';
import type { CopyOut } from './direction.js';
import { formatByName, refuseCompressed } from './format-by-name.js';
import { type HostTarget, hostTargets } from './host-targets.js';
import { outgoingFiles } from './outgoing-files.js';
import { neighboursOf, refuseShared } from './refuse-shared.js';
import { writeHostFile } from './write-host-file.js';

/** Copies files of the pond to the host, all of them from one snapshot. */
export const copyOut = (
  invocation: Invocation,
  copy: CopyOut,
  held: HostFileSystem,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    invocation,
    withPond((steward) =>
      pipe(
        TE.fromEither(refuseOwn(invocation, steward.directory, copy.target)),
        TE.flatMap(() => readAt(invocation, steward)),
        TE.flatMap((at) => readAndWrite(invocation, steward, { copy, held, at })),
      ),
    ),
  );

/** A file that is copied over one of the pond's own would be the end of the pond. */
const refuseOwn = ({ program }: Invocation, pond: string, place: string): E.Either<CliError, undefined> => {
  const own = insidePond(program.files, pond, place);
  return own === null
    ? E.right(undefined)
    : E.left(usage(`${place} is in ${own}, which is the pond's own`, 'copy to another directory'));
};

const readAndWrite = (
  invocation: Invocation,
  steward: Steward,
  {
    copy,
    held,
    at,
  }: { readonly copy: CopyOut; readonly held: HostFileSystem; readonly at: number | undefined },
): TE.TaskEither<CliError, ExitCode> =>
  steward.read(
    (transaction) =>
      pipe(
        targetsOf(invocation, transaction, { copy, held, pond: steward.directory }),
        TE.flatMap((targets) => writeAll(invocation, transaction, { targets, held, format: copy.format })),
        TE.flatMap((copied) =>
          writeResult(
            invocation,
            { json: () => ({ txn_seq: transaction.txnSeq, copied }), text: () => '' },
            EXIT.done,
          ),
        ),
      ),
    { operation: 'copy', describe: describeFailure, at, signal: invocation.terminal.interrupt },
  );

const targetsOf = (
  invocation: Invocation,
  { fs }: ReadTransaction,
  { copy, held, pond }: { readonly copy: CopyOut; readonly held: HostFileSystem; readonly pond: string },
): TE.TaskEither<CliError, readonly HostTarget[]> => {
  const { terminal, program } = invocation;
  // Listed rather than looked at, because a target that is a symlink to a directory is one.
  const targetIsDirectory = E.isRight(program.files.readDirectory(copy.target)());
  return pipe(
    copy.sources,
    TE.traverseSeqArray(outgoingFiles(fs, terminal)),
    TE.flatMapEither((found) => hostTargets(found.flat(), copy, targetIsDirectory)),
    TE.tap((targets) => TE.fromEither(refuseCompressed(targets, copy.format))),
    TE.tap((targets) => TE.fromEither(refuseTargets(invocation, { held, pond }, targets))),
  );
};

/** Every directory that something is written to is looked at before anything is written. */
const refuseTargets = (
  invocation: Invocation,
  { held, pond }: { readonly held: HostFileSystem; readonly pond: string },
  targets: readonly HostTarget[],
): E.Either<CliError, undefined> => {
  const neighbours = neighboursOf(invocation);
  const places = new Map(
    targets.map(({ root, names }) => [join(root, ...names.slice(0, -1)), names.at(-1) ?? '']),
  );
  for (const [directory, name] of places) {
    const accepted = pipe(
      refuseOwn(invocation, pond, directory),
      E.flatMap((): E.Either<CliError, undefined> => refuseShared(held, neighbours, join(directory, name))),
    );
    if (E.isLeft(accepted)) return accepted;
  }
  return E.right(undefined);
};

interface Outgoing {
  readonly targets: readonly HostTarget[];
  readonly held: HostFileSystem;
  readonly format: RowsOut | null;
}

const writeAll = (
  invocation: Invocation,
  transaction: ReadTransaction,
  { targets, held, format }: Outgoing,
): TE.TaskEither<CliError, readonly JsonObject[]> => {
  const { terminal, program } = invocation;
  const realRoot = realDirectories(held, { ...neighboursOf(invocation), changed: new Set() });
  const sizes = targets.map(({ file }) => file.entry.size);
  const total = sizes.reduce<number | null>(
    (sum, size) => (sum === null || size === null ? null : sum + size),
    0,
  );
  const progress = startProgress(terminal, program.clock, { label: 'copying', total });
  return pipe(
    targets,
    TE.traverseSeqArrayWithIndex((index, target) =>
      writeOne(invocation, transaction, {
        held,
        target,
        realRoot: realRoot(target.root),
        progress,
        temporaryName: `.pond-${transaction.txnId}-${index}`,
        format: format ?? formatByName(target.file, target.names.at(-1) ?? ''),
      }),
    ),
    TE.tapIO(() => progress.end),
    TE.tapError(() => TE.fromIO(progress.end)),
  );
};

interface Writing {
  readonly held: HostFileSystem;
  readonly target: HostTarget;
  /** The target's root without symlinks on the way. */
  readonly realRoot: string;
  readonly progress: Progress;
  readonly temporaryName: string;
  readonly format: RowsOut | null;
}

const writeOne = (
  invocation: Invocation,
  { fs, withWorkspace }: ReadTransaction,
  { held, target, realRoot, progress, temporaryName, format }: Writing,
): TE.TaskEither<CliError, JsonObject> => {
  const { terminal } = invocation;
  let size = 0;
  const count = (bytes: number) => {
    size += bytes;
    progress.advance(bytes);
  };
  const written = (stream: ByteStream) =>
    writeHostFile(
      held,
      { root: realRoot, names: target.names },
      { content: outgoingContent(stream, { signal: terminal.interrupt, onBytes: count }), temporaryName },
    );
  const { path } = target.file;
  return pipe(
    format === null
      ? pipe(fs.read(path), TE.flatMap(written))
      : withWorkspace((workspace) =>
          pipe(
            tableAt(fs, { name: 'source', path }),
            TE.flatMap((table) =>
              writtenContent(invocation, {
                format,
                workspace,
                number: 0,
                memoryLimit: '512MB',
                table: untyped(table, format),
                sql: inOrder(table),
              }),
            ),
            TE.flatMap(written),
          ),
        ),
    TE.map(() => ({ source: target.file.path, target: join(target.root, ...target.names), size })),
  );
};
