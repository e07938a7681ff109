import { left } from 'fp-ts/lib/Either.js';
import type { Processes } from '../../ports/processes.js';
import type { WorkingSpaces } from '../../ports/working-spaces.js';

/** Starts no program: none could see what is in memory. */
export const noProcesses: Processes = {
  run:
    ({ program }) =>
    async () =>
      left({ _tag: 'SpawnFailed', program, reason: 'a pond in memory starts no programs' }),
  findGroup: () => async () => ({ _tag: 'Right', right: [] }),
  endGroup: () => async () => ({ _tag: 'Right', right: false }),
};

/** Makes no directory: what wants one reads the host's files, and none are there. */
export const noWorkingSpaces: WorkingSpaces = {
  use: (root) => async () => left({ _tag: 'NoWorkingSpace', path: root, code: 'ENOTSUP' }),
  sweep: () => () => 0,
};
