import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import type { CliError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { hostPlansOf } from '../../pond/host-plans.js';
import { recoveredDocument, renderRecovered } from '../../render/render-host-plan.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [['host recover', 'what a crash left half done is undone, or completed where all was done']],
  run: (invocation) => {
    const { terminal } = invocation;
    const recover = hostPlansOf(invocation).recover({ again: true });
    return pipe(
      // Recovery may be repeated after a crash, but need not be after a signal.
      () => terminal.withoutExit?.(recover) ?? recover(),
      TE.mapLeft((cause): CliError => ({ _tag: 'CheckpointsUnusable', cause })),
      TE.flatMap((recovered) =>
        writeResult(
          invocation,
          {
            json: () => ({ recovered: recovered.map(recoveredDocument) }),
            text: () =>
              recovered.length === 0 ? 'nothing to recover\n' : inLines(renderRecovered(recovered)),
          },
          recovered.some(({ failures }) => failures.length > 0) ? EXIT.failed : EXIT.done,
        ),
      ),
    );
  },
};
