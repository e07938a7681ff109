import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isoTime } from '../../../domain/text/iso-time.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CheckpointSummary } from '../../../host-plans/journal/checkpoint-summary.js';
import type { CommandDefinition } from '../../command.js';
import type { CliError } from '../../errors.js';
import { inLines, writeResult } from '../../output.js';
import { hostPlansOf } from '../../pond/host-plans.js';
import { effectLines } from '../../render/render-host-plan.js';
import { counted, localTime } from '../../words/print-values.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [['host checkpoints', 'plans that run, were interrupted, or were rolled back']],
  run: (invocation) => {
    const plans = hostPlansOf(invocation);
    return pipe(
      TE.fromEither(plans.list()),
      TE.mapLeft((cause): CliError => ({ _tag: 'CheckpointsUnusable', cause })),
      TE.flatMap((found) =>
        writeResult(invocation, {
          json: () => ({ directory: plans.directory, checkpoints: found.map(document) }),
          text: () =>
            found.length === 0 ? 'no checkpoints\n' : inLines(printableDeep(found).flatMap(lines)),
        }),
      ),
    );
  },
};

const document = ({
  id,
  path,
  state,
  startedAt,
  operations,
  failures,
  effects,
  owner,
}: CheckpointSummary) => ({
  id,
  path,
  state,
  started_at: startedAt === null ? null : isoTime(startedAt),
  operations,
  owner,
  effects: effects.map(({ effect, path: touched }) => ({ effect, path: touched })),
  rollback_failures: failures.map(({ operation, message }) => ({ operation, message })),
});

const lines = ({
  id,
  state,
  startedAt,
  operations,
  failures,
  effects,
}: CheckpointSummary): readonly string[] => [
  [
    id,
    state.replaceAll('_', ' '),
    startedAt === null ? '-' : localTime(startedAt),
    operations === null ? '-' : counted(operations, 'operation'),
  ].join('  '),
  ...failures.map(({ operation, message }) => `  ${operation === '' ? '' : `${operation}: `}${message}`),
  ...effectLines(effects),
];
