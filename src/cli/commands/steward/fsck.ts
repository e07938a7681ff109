import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { openOptions, pondDirectory } from '../../pond/with-pond.js';
import { fsckDocument, renderFsck } from '../../render/render-fsck.js';
import { startProgress } from '../../words/progress.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option('--quick', 'structure only: no content is hashed')
      .option('--plans', "also compute every commit's plan again and compare it with the recorded one");
  },
  examples: [
    ['fsck', 'exits with 1 and a list if anything is wrong'],
    ['fsck --quick --json', 'the same without reading contents, as one document'],
    ['fsck --plans', 'also exits with 1 if any plan is not what was recorded'],
  ],
  run: (invocation) =>
    pipe(
      pondDirectory(invocation),
      TE.flatMap((directory) => withProgress(invocation, directory)),
      TE.flatMap((report) =>
        writeResult(
          invocation,
          { json: () => fsckDocument(report), text: () => inLines(renderFsck(printableDeep(report))) },
          report.ok ? EXIT.done : EXIT.failed,
        ),
      ),
    ),
};

const withProgress = (invocation: Invocation, directory: string) => {
  const { program, terminal, given } = invocation;
  const progress = startProgress(terminal, program.clock, { label: 'checked', total: null });
  return pipe(
    program.fsck(directory, {
      ...openOptions(invocation),
      quick: given.flag('quick'),
      plans: given.flag('plans'),
      onProgress: progress.advance,
    }),
    TE.tapIO(() => progress.end),
    TE.tapError(() => TE.fromIO(progress.end)),
  );
};
