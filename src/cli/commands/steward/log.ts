import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pathHistoryDocument } from '../../../documents/path-history-document.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { HistoryQuery } from '../../../steward/shapes/comparisons.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { renderPathHistory } from '../../history/render-path-history.js';
import { parseMoment } from '../../line/moment.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { command as control } from './control.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[path]', 'all commits that touched it, over renames; default: as pond control');
    control.declare(command);
    command
      .addOption(new Option('--since <time>', 'with a path: commits from this time on'))
      .addOption(new Option('--until <time>', 'with a path: commits up to this time'));
  },
  examples: [
    ['log', 'the last transactions and what became of their tasks, like pond control'],
    ['log /in/data.csv', 'the commits that touched a file, newest first'],
    ['log /in --since 2026-11-01 --until -1d', 'those of a directory within a time'],
  ],
  run: (invocation) => {
    const [path] = invocation.given.operands;
    if (path !== undefined)
      return pipe(
        pondPath(path),
        TE.flatMap((parsed) => ofPath(invocation, parsed)),
      );
    const hasTimes = ['since', 'until'].some((option) => invocation.given.text(option) !== undefined);
    return hasTimes
      ? TE.left(usage('--since and --until go with a path', 'pond log / --since -1d'))
      : control.run(invocation);
  },
};

const ofPath = (invocation: Invocation, path: PondPath): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    asked(invocation),
    TE.flatMap((query) =>
      pipe(
        invocation,
        withPond((steward) => steward.history(path, query)),
      ),
    ),
    TE.flatMap((commits) =>
      writeResult(invocation, {
        json: () => pathHistoryDocument(path, commits),
        text: () => inLines(renderPathHistory(printableDeep(commits))),
      }),
    ),
  );

const asked = (invocation: Invocation): TE.TaskEither<CliError, HistoryQuery> =>
  steps(async ({ run }) => {
    const since = await run(timeAsked(invocation, 'since'));
    const until = await run(timeAsked(invocation, 'until'));
    const limit = invocation.given.number('limit');
    return {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(limit === undefined ? {} : { limit }),
    };
  });

/** A time, in microseconds since the epoch; a day begins at its beginning where it is the first. */
const timeAsked = (
  { given, program }: Invocation,
  option: 'since' | 'until',
): TE.TaskEither<CliError, number | undefined> => {
  const text = given.text(option);
  if (text === undefined) return TE.right(undefined);
  return pipe(
    TE.fromEither(parseMoment(text, program.clock.nowMicros())),
    TE.flatMap(
      (moment): TE.TaskEither<CliError, number> =>
        moment._tag === 'Time'
          ? TE.right(option === 'since' ? moment.from : moment.timestamp)
          : TE.left(usage(`--${option} is a time, such as 2026-11-20, 2026-11-20T10:00Z or -3d`)),
    ),
  );
};
