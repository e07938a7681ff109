import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../errors.js';
import type { StewardPorts } from '../../steward-ports.js';
import { refuseThroughLink } from './linked-directories.js';

/**
 * Moves a control database that cannot be used out of the way, what SQLite keeps beside it, too, so that a new one can be
 * made; nothing is deleted. Returns the new name.
 */
export const putControlAside =
  (
    { files, hostFiles, clock }: Pick<StewardPorts, 'files' | 'hostFiles' | 'clock'>,
    controlDir: string,
  ): TaskEither<PondError, string> =>
  async () => {
    const refusal = refuseThroughLink({ hostFiles }, controlDir);
    if (refusal !== null) return left(refusal);
    const aside = `${controlDir}/control.db.unusable-${Math.floor(clock.nowMicros() / 1000)}`;
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      const moved = files.rename(`${controlDir}/control.db${suffix}`, `${aside}${suffix}`)();
      if (isLeft(moved) && moved.left.code !== 'ENOENT') {
        const { path, code, call } = moved.left;
        return left({ _tag: 'HostFileFailed', path, code, call });
      }
    }
    return right(aside);
  };
