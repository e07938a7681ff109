import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import { validationReport } from '../../../validation/checking/report.js';
import type { FileVerdict } from '../../../validation/checking/verdict.js';
import { isBroken } from '../../../validation/checking/verdict.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { declareAt } from '../../pond/read-at.js';
import { readPond } from '../../pond/read-pond.js';
import { renderVerdicts } from '../../render/render-verdicts.js';
import { checking } from '../../validation/checking.js';
import { rulesGiven, rulesIn } from '../../validation/rules-given.js';
import { paintFor } from '../../words/paint.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument(
        '<paths...>',
        'files, tables and series, or patterns of them, and files of the host: host:///path',
      )
      .option(
        '--rules <file>',
        'a file of the host with rules, an entry for the factory validate, or an ODCS contract (FILE.yaml#NAME: one of its schemas); - is standard input',
      )
      .option('--suggest', 'write a first set of rules from what a file has, as an entry');
    declareAt(command);
  },
  examples: [
    ['validate /in/weather.csv --rules rules.yaml', 'try rules before they are installed'],
    [
      "validate '/in/**/*.csv' --rules rules.yaml --json",
      'each rule with its value and the rows that break it',
    ],
    ['validate host:///tmp/weather.csv --rules rules.yaml', 'a file before it is copied in'],
    ['validate /in/weather.csv --suggest > rules.yaml', 'rules that the file keeps, to begin with'],
    [
      'mknod validate /etc/gate.d/10-weather --config-path rules.yaml',
      'nothing that breaks them is committed',
    ],
  ],
  run: (invocation) => {
    const { given } = invocation;
    const file = given.text('rules');
    if (given.flag('suggest'))
      return file === undefined
        ? suggest(invocation)
        : TE.left(usage('--suggest writes rules, so that it takes none', 'leave out --rules'));
    return file === undefined
      ? TE.left(usage('validate needs rules', '--rules FILE, or --suggest to get a first set'))
      : pipe(
          rulesGiven(invocation, file),
          TE.flatMap((rules) => validate(invocation, rules)),
        );
  },
};

const validate = (
  invocation: Invocation,
  rules: Parameters<typeof rulesIn>[1],
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    readPond(invocation, 'validate', (transaction) =>
      steps<CliError, { readonly verdicts: readonly FileVerdict[]; readonly unchecked: readonly string[] }>(
        async (s) => {
          const known = await s.run(rulesIn(transaction.fs, rules));
          const check = checking(invocation, transaction);
          const verdicts: FileVerdict[] = [];
          for (const path of await s.run(check.paths(invocation.given.operands)))
            verdicts.push((await s.run(check.file(known, path))).verdict);
          return { verdicts, unchecked: known.unchecked };
        },
      ),
    ),
    TE.flatMap(({ verdicts, unchecked }) => {
      const isBad = verdicts.some(({ outcomes }) => outcomes.some(isBroken));
      return writeResult(
        invocation,
        {
          json: () => validationReport(verdicts, [], unchecked),
          text: () =>
            inLines(renderVerdicts(printableDeep(verdicts), unchecked, paintFor(invocation.terminal))),
        },
        isBad ? EXIT.failed : EXIT.done,
      );
    }),
  );

const suggest = (invocation: Invocation): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    readPond(invocation, 'validate', (transaction) =>
      steps<CliError, string>(async (s) => {
        const check = checking(invocation, transaction);
        const paths = await s.run(check.paths(invocation.given.operands));
        const [path, ...others] = paths;
        if (path === undefined || others.length > 0)
          return s.fail(usage(`rules are suggested for one file, not for ${paths.length}`));
        return s.run(check.suggest(path));
      }),
    ),
    TE.flatMap((text) => TE.fromTask(() => invocation.terminal.writeOut(text))),
    TE.map(() => EXIT.done),
  );
