import { dirname } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival } from '../../control/records/arrival-record.js';
import { isoTime } from '../../domain/text/iso-time.js';
import { printable } from '../../domain/text/printable.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { holding } from '../../host-plans/held-work.js';
import { realDirectories } from '../../host-plans/steps/real-directories.js';
import { acceptanceOf } from '../../host-plans/steps/shared-directory.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { isAsItWas, type SettledFile } from './prepare-arrival.js';
import { putAside } from './put-aside.js';

/** A file whose arrival is recorded. */
export interface RecordedFile {
  readonly file: SettledFile;
  readonly arrival: Arrival;
}

/**
 * Does on the host what is to be done with files whose arrival is durable: moves or deletes what was taken in, puts aside what
 * was refused. A file that has changed since is left alone: it is another arrival. Returns why files are still where they were.
 */
export const finishOnHost = (
  pond: Pond,
  { watch, words }: { readonly watch: string; readonly words: WatchWords },
  recorded: readonly RecordedFile[],
): TE.TaskEither<PondError, readonly string[]> => {
  const waiting = recorded.filter(({ arrival }) => !arrival.isSettled);
  if (waiting.length === 0) return steps(async () => []);
  return holding(pond.ports.hold, (held) =>
    steps<PondError, readonly string[]>(async ({ run }) => {
      const settled: { readonly path: string; readonly aside: string | null }[] = [];
      const problems: string[] = [];
      for (const one of waiting) {
        const done = await finishOne(pond, held, words, one);
        if ('problem' in done) problems.push(done.problem);
        else settled.push({ path: one.arrival.path, aside: done.aside });
      }
      if (settled.length > 0) await run(pond.control.settleArrivals(watch, settled));
      return problems;
    }),
  );
};

type Done = { readonly aside: string | null } | { readonly problem: string };

const finishOne = async (
  pond: Pond,
  held: HostFileSystem,
  words: WatchWords,
  { file, arrival }: RecordedFile,
): Promise<Done> => {
  const { after } = words;
  const directory =
    arrival.outcome === 'refused' ? words.refused : after._tag === 'Move' ? after.directory : null;
  if (directory === null && (arrival.outcome === 'refused' || after._tag === 'Keep')) return { aside: null };
  if (!isAsItWas(held, file)) return { aside: null };
  if (directory === null) return remove(held, file);
  const acceptance = acceptanceOf(pond.ports.host);
  const real = realDirectories(held, { ...acceptance, changed: new Set() })(directory);
  const moved = await putAside(held, acceptance, {
    from: file.realPath,
    directory: real,
    name: file.name,
    size: file.size,
    modifiedAt: file.modifiedAt,
    reason: arrival.outcome === 'refused' ? reasonText(arrival) : null,
    temporaryName: `.pond-${pond.ports.ids.uuidV7()}`,
  });
  return isLeft(moved) ? { problem: moved.left } : { aside: moved.right };
};

const remove = (held: HostFileSystem, { realPath, path }: SettledFile): Done => {
  const removed = held.removeFile(realPath)();
  if (isLeft(removed) && removed.left.code !== 'ENOENT')
    return { problem: `${printable(path)} cannot be deleted: ${removed.left.code}` };
  held.fsyncDirectory(dirname(realPath))();
  return { aside: null };
};

/** Text beside a refused file. It is the same each time that it is written for one arrival. */
const reasonText = ({ path, reason, arrivedAt, size }: Arrival): string =>
  [`${printable(path)} (${size} bytes) was refused at ${isoTime(arrivedAt)}:`, '', reason ?? ''].join('\n');
