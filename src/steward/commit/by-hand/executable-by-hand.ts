import * as TE from 'fp-ts/lib/TaskEither.js';
import {
  GATE_DIRECTORY,
  SYSTEM_DIRECTORIES,
  SYSTEM_DIRECTORY,
} from '../../../domain/paths/configuration-paths.js';
import { parentOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { FactoryContext } from '../../../factories/factory.js';
import { readEntry } from '../../../planner/entries/read-entry.js';
import { GATE_TIMEOUT } from '../../../planner/plan-gates.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import { type DiscoverableFs, defaultTimeout, readDiscovered } from '../../discovery/discover.js';
import type { PondError } from '../../errors.js';
import type { Pond } from '../../pond/pond.js';
import { refuseUntrusted } from '../../tasks/refuse-untrusted.js';

/** Node that is run by hand: an entry, or a file that names a factory. */
export interface Executable {
  readonly path: FactoryContext['path'];
  readonly nodeId: string | null;
  readonly factory: string;
  readonly config: Uint8Array;
  /** Milliseconds that the envelope allows; null: as long as it takes. */
  readonly timeoutMs: number | null;
}

/** Reads the node at a path. `EntryRejected`, `NotExecutable` where it cannot be run. */
export const executableAt = (
  fs: DiscoverableFs & Pick<PondReader, 'stat'>,
  path: string,
): TE.TaskEither<PondError, Executable> =>
  steps(async ({ run, fail }) => {
    const entry = await run(fs.stat(path));
    const discovered = await readDiscovered(fs, entry.path)();
    const reading = readEntry(discovered);
    if (reading._tag === 'Invalid') {
      return fail({ _tag: 'EntryRejected', path: entry.path, errors: reading.errors });
    }
    if (reading._tag === 'NotAFactory' || discovered.content._tag !== 'Bytes') {
      return fail({ _tag: 'NotExecutable', path: entry.path, found: entry.entryType });
    }
    return {
      path: entry.path,
      nodeId: discovered.nodeId,
      factory: reading.factory,
      config: discovered.content.bytes,
      timeoutMs: reading.envelope?.timeoutMs ?? (await run(timeoutWhere(fs, entry.path))),
    };
  });

/** Default of an entry that does not say how long it may take, by where it stands. */
const timeoutWhere = (
  fs: DiscoverableFs,
  path: FactoryContext['path'],
): TE.TaskEither<PondError, number | null> => {
  switch (parentOf(path)) {
    case SYSTEM_DIRECTORY:
      return defaultTimeout(fs);
    case GATE_DIRECTORY:
      return TE.right(GATE_TIMEOUT);
    default:
      return TE.right(null);
  }
};

/** An entry is approved with the configuration that it belongs to, any other node by itself. */
export const refuseToRun = (
  pond: Pond,
  { path, factory, config }: Executable,
  txnSeq: number,
): TE.TaskEither<PondError, void> => {
  if (SYSTEM_DIRECTORIES.some((directory) => parentOf(path) === directory))
    return refuseUntrusted(pond, [txnSeq]);
  const refusal = pond.trust.refuseToRun(path, { factory, config });
  return refusal === null ? TE.right(undefined) : TE.left(refusal);
};
