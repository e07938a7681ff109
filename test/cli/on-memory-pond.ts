import * as TE from 'fp-ts/lib/TaskEither.js';
import { createMemoryPond, type MemoryPond, type MemoryPondOptions } from '../../src/memory-pond.js';
import { type CliRun, type RunOptions, runMain } from './fakes.js';

/** A pond in memory that the command line is run on, with the same disk as its host. */
export interface CliPond extends MemoryPond {
  /** Runs `pond` with these arguments. */
  readonly pond: (argv: readonly string[], options?: RunOptions) => Promise<CliRun>;
  /** Writes a file of the host's. */
  readonly hostFile: (path: string, text: string) => void;
}

export const cliPond = async (options: MemoryPondOptions = {}): Promise<CliPond> => {
  const made = await createMemoryPond(options);
  const { files } = made.disk;
  const hold = () => ({ files, release: () => undefined });
  const steward = { ...made.steward, close: () => TE.right(undefined) };
  return {
    ...made,
    pond: (argv, given) => runMain(argv, { open: () => TE.right(steward), files, hold }, given),
    hostFile: (path, text) => {
      const written = files.writeNewFile(path, Buffer.from(text))();
      if (written._tag === 'Left') throw new Error(`${path}: ${written.left.code}`);
    },
  };
};
