import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { recoveredDocument } from '../../../documents/recovered-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { HostPlans } from '../../../host-plans/host-plans.js';
import type { CheckpointSummary } from '../../../host-plans/journal/checkpoint-summary.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { CliError } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { hostPlansOf } from '../../pond/host-plans.js';
import { effectLines, renderRecovered } from '../../render/render-host-plan.js';

type RecoverOptions = Parameters<HostPlans['recover']>[0];

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option(
        '--adopt <id>',
        'recover a plan that was made elsewhere; every path that it names is shown first',
      )
      .option('--discard <id>', 'forget a plan that nobody is at; nothing on the host is touched')
      .option('--dry-run', 'only show which paths would be touched');
  },
  examples: [
    ['host recover', 'what a crash left half done is undone, or completed where all was done'],
    ['host recover --dry-run', 'which paths of the host that would touch'],
    ['host recover --adopt 0193-6a1c', 'what was made elsewhere is recovered all the same'],
  ],
  run: (invocation) => {
    const plans = hostPlansOf(invocation);
    const { given } = invocation;
    const discarded = given.text('discard');
    if (discarded !== undefined) return discard(invocation, plans, discarded);
    const adopted = given.text('adopt');
    return pipe(
      TE.fromEither(unendedPlans(plans, adopted ?? null)),
      TE.flatMap((unended) => {
        if (given.flag('dryRun')) return show(invocation, unended);
        if (adopted === undefined) return recover(invocation, plans, { again: true });
        invocation.terminal.writeErr(inLines(printableDeep(unended).flatMap(effectsOf)));
        const [{ id = adopted, digest = null } = {}] = unended;
        return recover(invocation, plans, { again: true, adopt: { id, digest: digest ?? '' } });
      }),
    );
  },
};

/** Those that recovery would look at; with an id only that one, which must be there. */
const unendedPlans = (plans: HostPlans, id: string | null) => {
  const listed = plans.list();
  if (isLeft(listed)) return left<CliError>({ _tag: 'CheckpointsUnusable', cause: listed.left });
  const unended = listed.right.filter(({ state }) => state !== 'running' && state !== 'rolled_back');
  if (id === null) return right(unended);
  const named = unended.filter((summary) => summary.id === id);
  return named.length === 0 ? left<CliError>({ _tag: 'HostPlanNotFound', id }) : right(named);
};

const effectsOf = ({ id, state, effects }: CheckpointSummary): readonly string[] => [
  `${id}  ${state.replaceAll('_', ' ')}`,
  ...effectLines(effects),
];

const show = (
  invocation: Invocation,
  unended: readonly CheckpointSummary[],
): TE.TaskEither<never, ExitCode> =>
  writeResult(invocation, {
    json: () => ({
      dry_run: true,
      recovered: unended.map(({ id, state, effects }) => ({
        id,
        outcome: state,
        effects: effects.map(({ effect, path }) => ({ effect, path })),
      })),
    }),
    text: () =>
      unended.length === 0 ? 'nothing to recover\n' : inLines(printableDeep(unended).flatMap(effectsOf)),
  });

const recover = (
  invocation: Invocation,
  plans: HostPlans,
  options: RecoverOptions,
): TE.TaskEither<CliError, ExitCode> => {
  const recovering = plans.recover(options);
  return pipe(
    // Recovery may be repeated after a crash, but need not be after a signal.
    () => invocation.terminal.withoutExit?.(recovering) ?? recovering(),
    TE.mapLeft((cause): CliError => ({ _tag: 'CheckpointsUnusable', cause })),
    TE.flatMap((recovered) =>
      writeResult(
        invocation,
        {
          json: () => ({ recovered: recovered.map(recoveredDocument) }),
          text: () =>
            recovered.length === 0
              ? 'nothing to recover\n'
              : inLines(renderRecovered(printableDeep(recovered))),
        },
        recovered.some(({ failures }) => failures.length > 0) ? EXIT.failed : EXIT.done,
      ),
    ),
  );
};

const discard = (invocation: Invocation, plans: HostPlans, id: string): TE.TaskEither<CliError, ExitCode> => {
  const discarded = plans.discard(id);
  if (isLeft(discarded)) return TE.left({ _tag: 'CheckpointsUnusable', cause: discarded.left });
  if (!discarded.right) return TE.left({ _tag: 'HostPlanNotFound', id });
  return writeResult(invocation, {
    json: () => ({ discarded: id }),
    text: () => `forgotten: ${id}; nothing on the host was touched\n`,
  });
};
