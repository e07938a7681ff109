import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RecordedGroup } from '../../control/records/claim.js';
import type { SpawnFailed } from '../../ports/processes.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { LeftGroup } from '../shapes/upkeep.js';
import { judgeGroup } from './group-origin.js';

/** Milliseconds that what is left of a dead runner's process group has between SIGTERM and SIGKILL. */
const GROUP_GRACE = 2_000;

/**
 * Sees to it that nothing of an attempt whose runner died still runs when the next one starts: ends what this user has
 * recorded here, and forgets what is gone. Returns the processes that it left alone because nothing shows who recorded
 * them; null where none are left.
 */
export const clearGroup = (
  pond: Pond,
  recorded: RecordedGroup,
): TE.TaskEither<PondError, LeftGroup | null> => {
  switch (judgeGroup(pond, recorded)) {
    case 'ours':
      return pipe(
        endGroup(pond, recorded),
        TE.map(() => null),
      );
    case 'gone':
      return pipe(
        forget(pond, recorded),
        TE.map(() => null),
      );
    case 'unproven':
      return pipe(
        processesOf(pond, recorded),
        TE.flatMap((left) =>
          left === null
            ? pipe(
                forget(pond, recorded),
                TE.map(() => null),
              )
            : TE.right(left),
        ),
      );
  }
};

/** Shows what nothing proves to be this user's, and ends it, because the user says so. With a dry run only the former. */
export const adoptGroups = (
  pond: Pond,
  { dryRun }: { readonly dryRun: boolean },
): TE.TaskEither<PondError, readonly LeftGroup[]> =>
  pipe(
    pond.control.groupsLeftBehind(),
    TE.map((recorded) => recorded.filter((group) => judgeGroup(pond, group) === 'unproven')),
    TE.flatMap(
      TE.traverseSeqArray((recorded) =>
        pipe(
          processesOf(pond, recorded),
          TE.tapIO((left) => () => {
            if (left !== null) sayAdopted(pond, left);
          }),
          TE.tap((left) => {
            if (dryRun) return TE.right(undefined);
            return left === null ? forget(pond, recorded) : endGroup(pond, recorded);
          }),
        ),
      ),
    ),
    TE.map((groups) => groups.filter((left) => left !== null)),
  );

const sayAdopted = ({ ports }: Pond, { configPath, pgid, processes }: LeftGroup): void => {
  for (const { pid, command } of processes) {
    ports.logger.log('warn', 'process_group_adopted', { config_path: configPath, pgid, pid, command });
  }
};

const processesOf = (
  { ports }: Pond,
  { configPath, group }: RecordedGroup,
): TE.TaskEither<PondError, LeftGroup | null> =>
  pipe(
    ports.processes.findGroup(group),
    TE.mapLeft(notEnded(configPath)),
    TE.map((processes) => (processes.length === 0 ? null : { configPath, pgid: group.pgid, processes })),
  );

const endGroup = (pond: Pond, recorded: RecordedGroup): TE.TaskEither<PondError, void> =>
  pipe(
    pond.ports.processes.endGroup(recorded.group, GROUP_GRACE),
    TE.mapLeft(notEnded(recorded.configPath)),
    TE.tapIO((any) => () => {
      if (any) pond.ports.logger.log('warn', 'process_group_ended', { pgid: recorded.group.pgid });
    }),
    TE.flatMap(() => forget(pond, recorded)),
  );

const forget = ({ control }: Pond, { token }: RecordedGroup): TE.TaskEither<PondError, void> =>
  control.forgetGroup(token);

const notEnded =
  (path: string) =>
  ({ program, reason }: SpawnFailed): PondError => ({
    _tag: 'FactoryFailed',
    path,
    factory: 'command',
    message: `what an interrupted attempt left running (${program}) could not be ended: ${reason}`,
  });

/** Reason why a task may not start beside processes that nothing proves to be its own. */
export const describeLeftGroup = ({ pgid, processes }: LeftGroup): string => {
  const shown = processes.slice(0, SHOWN).map(({ pid, command }) => `${pid} ${command}`);
  const more = processes.length > SHOWN ? `, and ${processes.length - SHOWN} more` : '';
  return `a process group ${pgid} is recorded as left running by an earlier attempt, and nothing shows that you recorded it here, so it was not ended (${shown.join(', ')}${more}); \`pond recover --adopt\` shows it and ends it`;
};

const SHOWN = 3;
