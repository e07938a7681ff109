import { right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { CliError } from '../../errors.js';
import { groupNumber } from '../../line/group-number.js';
import { reportWrite } from '../../pond/report-write.js';
import { openOptions, placeOfPond, pondDirectory } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[dir]', 'where; default: --pond, $POND');
    command.option(
      '--birthplace <text>',
      'where the pond was made, kept with its identity; default: this host',
    );
    command.option(
      '--shared <group>',
      'shares the pond with a group, by name or number: its members read and write it, nobody else reads it',
    );
  },
  examples: [
    ['init ~/pond', 'a new pond in ~/pond'],
    ['init s3://bucket/prefix --control postgres://host/db', 'a new pond in a store, for many machines'],
    ['init --birthplace lab-3', 'a new pond in $POND that says where it comes from'],
    ['init --pond /srv/pond --shared lab', 'a pond for the group lab; each member approves for himself'],
  ],
  run: (invocation) => {
    const birthplace = invocation.given.text('birthplace');
    const group = invocation.given.text('shared');
    const sharedWith = group === undefined ? right(undefined) : groupNumber(invocation.program.files, group);
    return pipe(
      TE.fromEither<CliError, number | undefined>(sharedWith),
      TE.bindTo('sharedWith'),
      TE.bind('directory', () => pondToMake(invocation)),
      TE.flatMap(({ directory, sharedWith }) =>
        invocation.program.init(directory, {
          ...openOptions(invocation),
          ...(birthplace === undefined ? {} : { birthplace }),
          ...(sharedWith === undefined ? {} : { sharedWith }),
        }),
      ),
      TE.flatMap(reportWrite(invocation)),
    );
  },
};

const pondToMake = (invocation: Invocation): TE.TaskEither<CliError, string> => {
  const [named] = invocation.given.operands;
  return named === undefined ? pondDirectory(invocation) : placeOfPond(invocation, named);
};
