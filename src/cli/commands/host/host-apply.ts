import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep, printableLines } from '../../../domain/text/printable.js';
import type { HostPlans } from '../../../host-plans/host-plans.js';
import type { HostPlan } from '../../../host-plans/plan/host-plan.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { CliError } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { wholeNumber } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { hostPlansOf, readHostPlan } from '../../pond/host-plans.js';
import type { Terminal } from '../../program.js';
import {
  describeExecutionError,
  dryRunDocument,
  failureLines,
  renderDryRun,
  renderRecovered,
  reportDocument,
} from '../../render/render-host-plan.js';
import { counted } from '../../words/print-values.js';
import { startProgress } from '../../words/progress.js';

const CONCURRENCY = 4;

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<plan>', 'a plan file, YAML or JSON, of at most 16 MiB')
      .option('--dry-run', 'show what would be done, in order, and what stands in its way')
      .option(
        '--allow-shared-directories',
        'accept directories in which other users could exchange what is there',
      )
      .option(
        '--concurrency <operations>',
        `operations side by side, at most; default: ${CONCURRENCY}`,
        wholeNumber,
      );
  },
  examples: [
    ['host apply plan.yaml --dry-run', 'what would be done'],
    ['host apply plan.yaml', 'do it, or, if anything fails, nothing'],
  ],
  run: (invocation) => {
    const [path = ''] = invocation.given.operands;
    return pipe(
      readHostPlan(invocation, path),
      TE.flatMap((plan) => {
        const plans = hostPlansOf(invocation);
        return invocation.given.flag('dryRun')
          ? dryRun(invocation, plans, plan)
          : pipe(
              recoverFirst(invocation.terminal, plans),
              TE.flatMap(() => apply(invocation, plans, plan)),
            );
      }),
    );
  },
};

/** The environment decides where the option is not given. */
const allowance = ({ given }: Pick<Invocation, 'given'>): { readonly allowSharedDirectories?: true } =>
  given.flag('allowSharedDirectories') ? { allowSharedDirectories: true } : {};

const dryRun = (invocation: Invocation, plans: HostPlans, plan: HostPlan): TE.TaskEither<never, ExitCode> => {
  const findings = plans.check(plan, allowance(invocation));
  return writeResult(
    invocation,
    {
      json: () => dryRunDocument(plan, findings),
      text: () => inLines(renderDryRun(printableDeep(plan), printableDeep(findings))),
    },
    findings.length === 0 ? EXIT.done : EXIT.failed,
  );
};

/** Recovers what a crash left before anything new is done. */
const recoverFirst = (terminal: Terminal, plans: HostPlans): TE.TaskEither<CliError, void> =>
  pipe(
    plans.recover({ again: false }),
    TE.mapLeft((cause): CliError => ({ _tag: 'CheckpointsUnusable', cause })),
    TE.map((recovered) => {
      const heading = `pond: ${counted(recovered.length, 'interrupted host plan')} found`;
      if (recovered.length > 0) {
        terminal.writeErr(inLines([heading, ...renderRecovered(printableDeep(recovered))]));
      }
      return undefined;
    }),
  );

const apply =
  (
    { terminal, options, given, program }: Invocation,
    plans: HostPlans,
    plan: HostPlan,
  ): TE.TaskEither<never, ExitCode> =>
  async () => {
    const progress = startProgress(terminal, program.clock, {
      label: 'executed',
      total: plan.operations.length,
      print: (count) => counted(count, 'operation'),
    });
    const execute = plans.execute(plan, {
      concurrency: given.number('concurrency') ?? CONCURRENCY,
      signal: terminal.interrupt,
      ...allowance({ given }),
      onProgress: () => progress.advance(1),
    });
    // A second signal would end the process in the middle of undoing.
    const ended = await (terminal.withoutExit?.(execute) ?? execute());
    progress.end();
    if (isLeft(ended) && ended.left._tag !== 'EmptyPlan') {
      const error = ended.left;
      terminal.writeErr(
        `pond: ${printableLines(describeExecutionError(printableDeep(error), printableDeep(error.report)))}\n`,
      );
      terminal.writeErr(inLines(failureLines(printableDeep(error.report))));
      const code = error._tag === 'Interrupted' ? EXIT.interrupted : EXIT.failed;
      return writeResult(
        { terminal, options },
        { json: () => reportDocument(error.report, error), text: () => '' },
        code,
      )();
    }
    const report = isLeft(ended) ? null : ended.right;
    return writeResult(
      { terminal, options },
      {
        json: () => (report === null ? null : reportDocument(report, null)),
        text: () => `executed ${counted(report?.executed.length ?? 0, 'operation')}\n`,
      },
    )();
  };
