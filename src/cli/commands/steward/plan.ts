import { basename, resolve } from 'node:path';
import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import { lefts } from 'fp-ts/lib/ReadonlyArray.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { planDocument } from '../../../documents/plan-document.js';
import { SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../../../domain/paths/configuration-paths.js';
import { childOf } from '../../../domain/paths/pond-path.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { PondError } from '../../../steward/errors.js';
import type { CommitPlan, ConfigurationFile, ReplayedCommit } from '../../../steward/shapes/call-reports.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { transactionNumber } from '../../line/operand-values.js';
import { commaList, wholeNumber } from '../../option-values.js';
import { inLines, type Rendered, writeResult } from '../../output.js';
import { checkEntry } from '../../pond/check-entry.js';
import { hostConfiguration } from '../../pond/given-content.js';
import { COMMIT_OPERAND, commitAsked } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { diffDocument, renderDiff, renderReplay, replayDocument } from '../../render/plan-comparison.js';
import { renderError } from '../../render/render-error.js';
import { renderPlan } from '../../render/render-plan.js';
import { renderDot, renderMermaid } from '../../render/render-plan-graph.js';
import { paintFor } from '../../words/paint.js';

/** Commits that `--with` is tried on, where `--last` does not say. */
const LAST = 10;

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[transaction]', COMMIT_OPERAND)
      .addOption(
        new Option('--format <format>', 'how to show it')
          .choices(['text', 'json', 'mermaid', 'dot'])
          .default('text'),
      )
      .addOption(
        new Option(
          '--diff <transaction>',
          'what is different from the plan of this commit, and why',
        ).argParser(wholeNumber),
      )
      .option('--gates', 'the gates that the commit had to pass, instead of the tasks that it set off')
      .addOption(
        new Option(
          '--with <files>',
          'what the last commits would have set off with these files in /etc/system.d, separated by commas',
        ).argParser(commaList),
      )
      .addOption(
        new Option('--last <count>', `with --with: so many commits; default ${LAST}`).argParser(wholeNumber),
      );
  },
  examples: [
    ['plan', 'what the last commit set off, what was left out and why'],
    ['plan 42 --json', 'the plan of commit 42 for a program'],
    ['plan 42 --diff 41', 'why commit 42 set off something else than commit 41'],
    ['plan --with 20-report.yaml --last 50', 'which of the last 50 commits a new entry would have followed'],
    ['plan --gates', 'which gates of /etc/gate.d the last commit had to pass'],
    ['plan --format mermaid', 'a graph for a document'],
  ],
  run: (invocation) => {
    const files = invocation.given.list('with');
    return pipe(
      TE.fromEither(transactionNumber(invocation.given.operands[0])),
      TE.tap((number) => TE.fromEither(checkOptions(invocation, number))),
      TE.flatMap((number) =>
        files.length > 0 ? showReplay(invocation, files) : showPlan(invocation, number),
      ),
    );
  },
};

const checkOptions = ({ given }: Invocation, number: number | undefined) => {
  const files = given.list('with');
  const refuse = (message: string) => ({ _tag: 'Left', left: usage(message) }) as const;
  if (given.flag('gates') && (files.length > 0 || given.number('diff') !== undefined))
    return refuse('--gates goes with neither --with nor --diff');
  if (files.length > 0 && (number !== undefined || given.number('diff') !== undefined))
    return refuse('--with goes with --last, not with a transaction or --diff');
  if (files.length === 0 && given.number('last') !== undefined) return refuse('--last goes with --with');
  const isGraph = ['mermaid', 'dot'].includes(given.text('format') ?? '');
  return isGraph && (files.length > 0 || given.number('diff') !== undefined)
    ? refuse('--format mermaid and dot show one plan, no comparison')
    : ({ _tag: 'Right', right: undefined } as const);
};

const show = (
  invocation: Invocation,
  rendered: Rendered,
  code: ExitCode = EXIT.done,
): TE.TaskEither<never, ExitCode> => {
  const json = invocation.options.json || invocation.given.text('format') === 'json';
  return writeResult(
    { terminal: invocation.terminal, options: { ...invocation.options, json } },
    rendered,
    code,
  );
};

const showPlan = (invocation: Invocation, number: number | undefined): TE.TaskEither<CliError, ExitCode> => {
  const other = invocation.given.number('diff');
  return pipe(
    invocation,
    withPond((steward) =>
      steps<CliError, { readonly plan: CommitPlan; readonly before: CommitPlan | null }>(async ({ run }) => {
        const txnSeq = await run(commitAsked(steward, number));
        const ofCommit = invocation.given.flag('gates') ? steward.gates : steward.plan;
        return {
          plan: await run(ofCommit(txnSeq)),
          before: other === undefined ? null : await run(steward.plan(other)),
        };
      }),
    ),
    TE.flatMap(({ plan, before }) => {
      const paint = paintFor(invocation.terminal);
      return before === null
        ? show(invocation, {
            json: () => planDocument(plan),
            text: () => inLines(planLines(invocation, printableDeep(plan))),
          })
        : show(invocation, {
            json: () => diffDocument(before, plan),
            text: () => inLines(renderDiff(printableDeep(before), printableDeep(plan), paint)),
          });
    }),
  );
};

const planLines = (invocation: Invocation, plan: CommitPlan): readonly string[] => {
  switch (invocation.given.text('format')) {
    case 'mermaid':
      return renderMermaid(plan);
    case 'dot':
      return renderDot(plan);
    default:
      return renderPlan(plan, paintFor(invocation.terminal));
  }
};

interface Replayed {
  readonly wrong: readonly PondError[];
  readonly commits: readonly ReplayedCommit[];
}

const showReplay = (invocation: Invocation, names: readonly string[]): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    names,
    TE.traverseSeqArray((name) => readFile(invocation, name)),
    TE.flatMap((files) =>
      pipe(
        invocation,
        withPond((steward: Steward) =>
          steps<CliError, Replayed>(async ({ run }) => ({
            wrong: await run(wrongAmong(invocation, steward, files)),
            commits: await run(steward.replay({ files, last: invocation.given.number('last') ?? LAST })),
          })),
        ),
        TE.flatMap(({ wrong, commits }) => {
          const paths = files
            .filter(({ name }) => name !== SCHEDULE_NAME)
            .map(({ name }) => childOf(SYSTEM_DIRECTORY, name));
          return show(
            invocation,
            {
              json: () => replayDocument(commits, paths),
              text: () =>
                inLines(
                  renderReplay(printableDeep(commits), printableDeep(paths), paintFor(invocation.terminal)),
                ),
            },
            wrong.length === 0 ? EXIT.done : EXIT.invalidConfiguration,
          );
        }),
      ),
    ),
  );

/** Errors of the files themselves, whatever a commit would have made of them. They are said before the commits are. */
const wrongAmong = (
  { terminal }: Invocation,
  steward: Steward,
  files: readonly ConfigurationFile[],
): TE.TaskEither<PondError, readonly PondError[]> =>
  pipe(
    steward.factories(),
    TE.flatMapTask((known) =>
      pipe(
        files,
        T.traverseSeqArray(({ name, bytes }) =>
          checkEntry(terminal, known, childOf(SYSTEM_DIRECTORY, name), bytes),
        ),
      ),
    ),
    TE.map(lefts),
    TE.tapIO((wrong) => () => {
      for (const error of wrong) terminal.writeErr(renderError(error));
    }),
  );

/** A file of the host; its name is that of the entry. */
const readFile = (invocation: Invocation, file: string): TE.TaskEither<CliError, ConfigurationFile> => {
  const name = basename(file);
  const path = childOf(SYSTEM_DIRECTORY, name);
  return pipe(
    hostConfiguration(invocation, resolve(invocation.terminal.workingDirectory, file), path),
    TE.map((bytes) => ({ name, bytes })),
  );
};
