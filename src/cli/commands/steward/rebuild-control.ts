import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { openOptions, pondDirectory } from '../../pond/with-pond.js';
import { counted } from '../../words/print-values.js';

/** Facts that only a control table knows. */
const NOT_IN_THE_DATA: readonly string[] = [
  'outcomes of tasks',
  'their reports',
  'dismissals',
  'which failures were noticed',
  'reads, and writes that failed',
  'firings of schedules, except for the commits that they made',
  'files of watched folders that were unchanged or refused',
];

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [['rebuild-control', 'after control/control.db was lost or an older copy was restored']],
  run: (invocation) =>
    pipe(
      pondDirectory(invocation),
      TE.flatMap((directory) => invocation.program.rebuildControl(directory, openOptions(invocation))),
      TE.flatMap(({ added, forgotten, contentsForgotten, putAside }) =>
        writeResult(invocation, {
          json: () => ({
            added,
            forgotten,
            contents_forgotten: contentsForgotten,
            put_aside: putAside,
            unknown: added === 0 ? [] : NOT_IN_THE_DATA,
          }),
          text: () =>
            inLines([
              `${counted(added, 'commit')} recorded from the data`,
              ...(added === 0
                ? []
                : [
                    'whether their tasks ran is not known: they count as skipped (pond control retry N runs them)',
                    `nor is, because the data does not say it: ${NOT_IN_THE_DATA.slice(1).join(', ')}`,
                  ]),
              ...(forgotten === 0
                ? []
                : [
                    `${counted(forgotten, 'commit')} of which the log no longer tells: another engine removed its oldest entries`,
                  ]),
              ...(contentsForgotten === 0
                ? []
                : [
                    `${counted(contentsForgotten, 'content')} of old versions ${contentsForgotten === 1 ? 'is' : 'are'} forgotten: a task that needs one of them fails (pond versions, pond log say which)`,
                  ]),
              ...(putAside === null ? [] : [`the unusable control table is kept as ${putAside}`]),
            ]),
        }),
      ),
    ),
};
