import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import { declareAt } from '../../pond/read-at.js';
import { type Choose, checkedPattern, contentsOf, itself, LONG, listEntries } from './list-entries.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[pattern]', 'a path, a path with / behind it for what is in it, or a pattern', '**/*')
      .option(...LONG);
    declareAt(command);
  },
  examples: [
    ['list', 'everything'],
    ['list -l /in/', 'what is in /in'],
    ["list '/sensors/**/*.csv' --at 42", 'files as they were after transaction 42'],
  ],
  run: (invocation) => {
    const pattern = invocation.given.operands[0] ?? '**/*';
    return pipe(
      checkedPattern(pattern),
      TE.flatMap(() => listEntries(invocation, matching(pattern))),
    );
  },
};

/** An exact path shows its entry, a symlink as itself; it must be there, while a pattern may match nothing. */
const matching = (pattern: string): Choose => {
  if (looksLikePattern(pattern)) {
    return (fs, take) => fs.eachMatch(pattern.endsWith('/') ? `${pattern}*` : pattern, take);
  }
  return pattern.endsWith('/') ? contentsOf(pattern) : itself(pattern);
};
