import { Option } from 'commander';
import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { describeWouldRun } from '../../../domain/describe-not-trusted.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { isoTime } from '../../../domain/text/iso-time.js';
import { printable, printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { GivenApproval, Trust, TrustSurvey } from '../../../steward/trust-survey.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { wholeNumber } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { openOptions, placeNamed, pondDirectory } from '../../pond/with-pond.js';
import { counted, localTime } from '../../words/print-values.js';
import { askYesOrNo } from './ask-yes-or-no.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[directories...]', 'ponds; default: the one that --pond or $POND names')
      .option('--yes', 'approve without asking')
      .addOption(
        new Option('--at <transaction>', 'its configuration instead of the newest').argParser(wholeNumber),
      )
      .option('--list', 'show what is approved')
      .option('--revoke <directory-or-digest>', 'take approvals back');
  },
  examples: [
    ['trust ~/from-a-colleague', 'show what that pond would run, and ask'],
    ['trust --yes', 'approve what $POND would run, for a script'],
    ['trust --list', 'what was approved, when, and by what'],
    ['trust --revoke ~/from-a-colleague', 'take back what was approved for it'],
  ],
  run: (invocation) =>
    steps<CliError, ExitCode>(async (s) => {
      const trust = await invocation.program.trust(openOptions(invocation));
      const revoked = invocation.given.text('revoke');
      if (revoked !== undefined) return s.run(revoke(invocation, trust, revoked));
      if (invocation.given.flag('list')) return s.run(list(invocation, trust));
      const named = invocation.given.operands;
      const directories =
        named.length > 0
          ? named.map((directory) => placeNamed(invocation.terminal, directory))
          : [await s.run(pondDirectory(invocation))];
      const surveys: TrustSurvey[] = [];
      for (const directory of directories)
        surveys.push(await s.run(trust.survey(directory, invocation.given.number('at'))));
      return s.run(approveAll(invocation, trust, surveys));
    }),
};

const approveAll = (
  invocation: Invocation,
  trust: Trust,
  surveys: readonly TrustSurvey[],
): TE.TaskEither<CliError, ExitCode> =>
  steps<CliError, ExitCode>(async (s) => {
    const { terminal, given } = invocation;
    for (const survey of surveys) {
      terminal.writeErr(inLines(surveyLines(printableDeep(survey))));
      if (openOf(survey).length === 0) continue;
      if (!given.flag('yes')) {
        if (terminal.inIsTerminal !== true)
          return s.fail(
            usage(
              'nobody can be asked here: standard input is not a terminal',
              'pond trust --yes approves it',
            ),
          );
        if (!(await askYesOrNo(terminal, `Approve this for ${printable(survey.directory)}?`)))
          return s.fail({ _tag: 'NotApproved', directory: survey.directory });
      }
      s.take(trust.approve(survey, `pond ${invocation.cliArgs.join(' ')}`));
    }
    return s.run(
      writeResult(
        invocation,
        { json: () => ({ ponds: surveys.map(surveyDocument) }), text: () => '' },
        surveys.some(({ filesProblem }) => filesProblem !== null) ? EXIT.notTrusted : EXIT.done,
      ),
    );
  });

const openOf = ({ approvables }: TrustSurvey) => approvables.filter(({ isApproved }) => !isApproved);

const surveyLines = (survey: TrustSurvey): readonly string[] => {
  const { directory, approvables, filesProblem, stateProblem, isOfOthers } = survey;
  return [
    ...(approvables.length === 0
      ? [`${directory}: nothing in it runs anything`]
      : openOf(survey).length === 0
        ? [`${directory}: all that it would run is approved`]
        : [`${directory} would run, not approved yet:`]),
    ...openOf(survey).flatMap((approvable) => [
      `  ${titleOf(approvable)}`,
      ...approvable.wouldRun.map((would) => `    ${describeWouldRun(would)}`),
    ]),
    ...(isOfOthers
      ? [
          '  Others may write in its directory: what they change has to be approved again, and so have your own changes.',
        ]
      : []),
    ...(filesProblem === null
      ? []
      : [
          `  Its files beside data and control cannot be approved: ${filesProblem}`,
          '  Move them out of the pond, or trust it once with --trust.',
        ]),
    ...(stateProblem === null ? [] : [`  Approvals cannot be kept: ${stateProblem}`]),
  ];
};

const titleOf = (approvable: TrustSurvey['approvables'][number]): string => {
  switch (approvable.of) {
    case 'configuration':
      return `the configuration of transaction ${approvable.place}:`;
    case 'node':
      return `the node ${approvable.place}:`;
    case 'remote':
      return `the place that it is a replica of, to which your credentials are sent: ${approvable.place}`;
    case 'files': {
      const shown = approvable.place.slice(0, 10).join(', ');
      const more = approvable.place.length > 10 ? ' ...' : '';
      return `${counted(approvable.place.length, 'file')} beside data and control: ${shown}${more}`;
    }
  }
};

const surveyDocument = (survey: TrustSurvey): JsonObject => ({
  directory: survey.directory,
  approved: survey.approvables.map((approvable) => ({
    digest: approvable.digest,
    of: approvable.of,
    place: approvable.place,
    was_approved: approvable.isApproved,
    would_run: approvable.wouldRun.map(({ path, factory, does }) => ({ path, factory, does })),
  })),
  of_others: survey.isOfOthers,
  files_problem: survey.filesProblem,
});

const list = (invocation: Invocation, trust: Trust): TE.TaskEither<CliError, ExitCode> =>
  steps<CliError, ExitCode>(async (s) => s.run(writeApprovals(invocation, s.take(trust.list()))));

/** A directory is taken from the working directory, unless it is gone and was given as `--list` shows it. */
const revoke = (invocation: Invocation, trust: Trust, which: string): TE.TaskEither<CliError, ExitCode> =>
  steps<CliError, ExitCode>(async (s) => {
    const asGiven = trust.revoke(which);
    const revoked = s.take(
      isLeft(asGiven) || asGiven.right.length > 0
        ? asGiven
        : trust.revoke(placeNamed(invocation.terminal, which)),
    );
    if (revoked.length === 0) return s.fail({ _tag: 'ApprovalNotFound', which });
    invocation.terminal.writeErr(`pond: ${counted(revoked.length, 'approval')} taken back\n`);
    return s.run(writeApprovals(invocation, revoked));
  });

const writeApprovals = (
  invocation: Invocation,
  approvals: readonly GivenApproval[],
): TE.TaskEither<never, ExitCode> =>
  writeResult(invocation, {
    json: () =>
      approvals.map(({ digest, of, approvedAt, by, directory }) => ({
        digest,
        of,
        approved_at: isoTime(approvedAt),
        by,
        directory,
      })),
    text: () =>
      inLines(
        printableDeep(approvals).map(({ digest, of, approvedAt, by, directory }) =>
          [digest.slice(0, 16), localTime(approvedAt), of, directory, by].join('  '),
        ),
      ),
  });
