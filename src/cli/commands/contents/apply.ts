import { resolve } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../../steward/errors.js';
import { readApplyFile, type Wanted } from '../../apply/apply-file.js';
import { makeChanges } from '../../apply/make-changes.js';
import { type ApplyPlace, type PondChange, pondChanges } from '../../apply/pond-changes.js';
import { changeDocument, renderChanges } from '../../apply/render-changes.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { CliError } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { hostFile, incomingContent, readUpTo } from '../../pond/host-content.js';
import { readPond } from '../../pond/read-pond.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<file>', 'YAML with mkdir, nodes, files and settings; - is standard input')
      .option('--dry-run', 'only say what would be changed');
  },
  examples: [
    ['apply pond.yaml --dry-run', 'the difference between the pond and the file'],
    ['apply pond.yaml', 'make it so, in one commit; the second time nothing is left to do'],
  ],
  run: (invocation) =>
    pipe(
      applied(invocation),
      TE.flatMap(({ place, wanted }) =>
        invocation.given.flag('dryRun')
          ? dryRun(invocation, place, wanted)
          : apply(invocation, place, wanted),
      ),
    ),
};

/** Bytes of the file itself. */
const LARGEST = 4 * 1024 * 1024;

const applied = (
  invocation: Invocation,
): TE.TaskEither<CliError, { readonly place: ApplyPlace; readonly wanted: Wanted }> => {
  const { terminal, program, given } = invocation;
  const [name = ''] = given.operands;
  const file = resolve(terminal.workingDirectory, name === '-' ? 'standard input' : name);
  const bytes = name === '-' ? terminal.stdin : hostFile(program, file);
  return pipe(
    () =>
      readUpTo(
        incomingContent({ bytes, path: file, signal: terminal.interrupt }),
        LARGEST,
        (size): PondError => ({ _tag: 'ConfigTooLarge', path: file, size, limit: LARGEST }),
      ),
    TE.flatMapEither((content) => readApplyFile(name, content)),
    TE.map((wanted) => ({ place: { invocation, file }, wanted })),
  );
};

const dryRun = (
  invocation: Invocation,
  place: ApplyPlace,
  wanted: Wanted,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    readPond(invocation, 'apply', ({ fs, factories }) =>
      pipe(
        TE.fromTask(factories),
        TE.flatMap((known) => pondChanges(place, wanted, fs, known)),
      ),
    ),
    TE.flatMap((changes) =>
      writeResult(invocation, {
        json: () => ({ dry_run: true, changes: changes.map(changeDocument) }),
        text: () => inLines(renderChanges(changes)),
      }),
    ),
  );

const apply = (
  invocation: Invocation,
  place: ApplyPlace,
  wanted: Wanted,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    invocation,
    withPond((steward) =>
      steward.write(
        ({ fs, factories }): TE.TaskEither<CliError, readonly PondChange[]> =>
          pipe(
            TE.fromTask(factories),
            TE.flatMap((known) => pondChanges(place, wanted, fs, known)),
            TE.tap((changes) => makeChanges(fs, changes)),
          ),
        { operation: 'apply', signal: invocation.terminal.interrupt },
      ),
    ),
    TE.tapTask((outcome) => async () => {
      if (!invocation.options.json) await invocation.terminal.writeOut(inLines(renderChanges(outcome.value)));
    }),
    TE.flatMap((outcome) => reportWrite(invocation, { changes: outcome.value.map(changeDocument) })(outcome)),
  );
