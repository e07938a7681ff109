import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parentOf } from '../../domain/paths/pond-path.js';
import { printable } from '../../domain/text/printable.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Spooled } from '../../ports/spool.js';
import type { WriteTransaction } from '../../steward/shapes/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import { hostFileFailed, incomingContent } from '../pond/host-content.js';
import { pondDirectory } from '../pond/with-pond.js';
import { writePond } from '../pond/write-pond.js';
import { startProgress } from '../words/progress.js';
import { withConverted } from './converted-files.js';
import type { CopyIn } from './direction.js';
import { type InspectedSource, inspectSource } from './incoming-files.js';
import { type Place, placesOf, within } from './places.js';
import { changedAmong, type Put, putFile, sayUnchanged, type Taking } from './put-file.js';
import { neighboursOf } from './refuse-shared.js';
import { textByWordsAmong } from './text-by-words.js';

/** Copies files of the host into the pond: all sources in one transaction, their contents streamed. */
export const copyIn = (
  invocation: Invocation,
  copy: CopyIn,
  held: HostFileSystem,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    pondDirectory(invocation),
    TE.flatMap((pond) => {
      const { files } = invocation.program;
      const inspecting = { files, held, neighbours: neighboursOf(invocation), pond };
      return pipe(copy.sources, TE.traverseSeqArray(inspectSource(inspecting, copy)));
    }),
    TE.tap((sources) => TE.fromIO(() => warnOfPassedOver(invocation, sources))),
    TE.flatMap((sources) => {
      const sizes = sources.flatMap(({ files }) => files.map(({ size }) => size));
      const total = sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
      const progress = startProgress(invocation.terminal, invocation.program.clock, {
        label: 'copying',
        total,
      });
      return pipe(
        spoolInput(invocation, sources),
        TE.flatMap((input) =>
          pipe(
            withConverted(invocation, { copy, sources, held, onBytes: progress.advance }, (converted) =>
              writePond(
                invocation,
                'copy',
                (transaction) =>
                  pipe(
                    placesOf(transaction.fs, copy, sources),
                    TE.flatMap(
                      TE.traverseSeqArray((place) =>
                        putSource(invocation, transaction, {
                          ...place,
                          progress,
                          input,
                          held,
                          copy,
                          converted,
                        }),
                      ),
                    ),
                    TE.tapIO((paths) => () => sayUnchanged(invocation, paths.flat())),
                    // Before the post-commit tasks run and write their own lines.
                    TE.tapIO(() => progress.end),
                  ),
                (written) => ({ blemishes: changedAmong(written), remarks: textByWordsAmong(converted) }),
              ),
            ),
            TE.tapIO(() => () => input?.discard()),
            TE.tapError(() => TE.fromIO(() => input?.discard())),
          ),
        ),
        TE.tapError(() => TE.fromIO(progress.end)),
      );
    }),
  );

/** Standard input is taken in before the writer's lock is: others need not wait for whoever fills the pipe. */
const spoolInput = (
  invocation: Invocation,
  sources: readonly InspectedSource[],
): TE.TaskEither<CliError, Spooled | null> => {
  const isAsked = sources.some(({ files }) => files.some(({ hostPath }) => hostPath === null));
  if (!isAsked) return TE.right(null);
  const { terminal, program } = invocation;
  const content = incomingContent({
    bytes: terminal.stdin,
    path: 'standard input',
    signal: terminal.interrupt,
  });
  return pipe(
    pondDirectory(invocation),
    TE.flatMap(
      (directory): TE.TaskEither<CliError, Spooled | null> =>
        async () => {
          try {
            const spooled = await program.spool(`${directory}/control`, content.stream)();
            if (E.isRight(spooled)) return spooled;
            // Where there is no pond, or none to write to, the write itself says so, and has read nothing.
            return NO_PLACE.has(spooled.left.code) ? E.right(null) : E.left(hostFileFailed(spooled.left));
          } catch (thrown) {
            const failure = content.failure();
            if (failure === null) throw thrown;
            return E.left(failure);
          }
        },
    ),
  );
};

const NO_PLACE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS']);

const warnOfPassedOver = ({ terminal }: Invocation, sources: readonly InspectedSource[]): void => {
  for (const path of sources.flatMap(({ passedOver }) => passedOver)) {
    terminal.writeErr(`pond: warning: ${printable(path)} is not a regular file and is not copied\n`);
  }
  for (const path of sources.flatMap(({ own }) => own)) {
    terminal.writeErr(`pond: warning: ${printable(path)} is the pond's own and is not copied\n`);
  }
};

const putSource = (
  invocation: Invocation,
  transaction: WriteTransaction,
  { source, target, ...taking }: Place & Taking,
): TE.TaskEither<CliError, readonly Put[]> =>
  pipe(
    source.directories,
    TE.traverseSeqArray((names) => transaction.fs.mkdirAll(within(target, names))),
    TE.flatMap(() =>
      source.directories.length > 0 ? TE.right(true) : transaction.fs.mkdirAll(parentOf(target)),
    ),
    TE.flatMap(() =>
      pipe(
        source.files,
        TE.traverseSeqArray((file) => putFile(invocation, transaction, { file, target, ...taking })),
      ),
    ),
  );
