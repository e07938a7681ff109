import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { type Either, isLeft, isRight, map, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { IO } from 'fp-ts/lib/IO.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { liveRunners } from '../../control/runners/live-runners.js';
import type { Binding, Elsewhere } from '../../domain/binding.js';
import type { StagingPlace } from '../../factories/built-in/host-export/host-export-staging.js';
import type { FileSystemError } from '../../ports/file-system.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';
import { bindingOfPond, codeOf, elsewhereBy, type OriginPorts } from './record-origin.js';
import type { RunnerOfProcess } from './runner.js';

/*
 * Contents of exports on their way to a target, `control/host-exports/<runner_id>.<id>.<device>.<boot>.<code>`. Each is a
 * runner's, which takes its lock before the first file and holds it until after the last, and whose id nobody uses again:
 * where the lock is not held, nobody needs the file. It may come back once: undoing a host plan puts it where it was. Its
 * name carries where it was made, and a code that only this user can make; without them where no key can be kept.
 */

type ContentPorts = Pick<StewardPorts, 'files' | 'locks' | 'logger'> & OriginPorts;

const directoryIn = (controlDir: string): string => `${controlDir}/host-exports`;

const NAME = /^([0-9a-f-]{36})\.([0-9a-f-]{36})(?:\.(\d+)\.([0-9a-f]{16}|0)\.([0-9a-f]{64}))?$/;

/** Content as its name says it; `place` is null where that says nothing of it. */
interface NamedContent {
  readonly runnerId: string;
  readonly id: string;
  readonly place: { readonly device: string; readonly boot: string; readonly code: string } | null;
}

/** Null for what else lies there, the staging directories of host plans. */
const readName = (name: string): NamedContent | null => {
  const [, runnerId, id, device, boot, code] = NAME.exec(name) ?? [];
  if (runnerId === undefined || id === undefined) return null;
  const place =
    device === undefined || boot === undefined || code === undefined ? null : { device, boot, code };
  return { runnerId, id, place };
};

const KIND = 'export-content';

/** Binding in the form that fits into a name. */
const shortened = ({ boot, ...binding }: Binding): Binding & { readonly boot: string } => ({
  ...binding,
  boot: boot === null ? '0' : createHash('sha256').update(boot).digest('hex').slice(0, 16),
  pid_namespace: null,
});

const bindingIn = (ports: OriginPorts, controlDir: string) =>
  pipe(bindingOfPond(ports, dirname(controlDir)), map(shortened));

const newName = (ports: OriginPorts, controlDir: string, runnerId: string, id: string): string => {
  const binding = bindingIn(ports, controlDir);
  const code = isLeft(binding) ? binding : codeOf(ports, KIND, binding.right, { runnerId, id });
  return isLeft(binding) || isLeft(code)
    ? `${runnerId}.${id}`
    : `${runnerId}.${id}.${binding.right.device}.${binding.right.boot}.${code.right}`;
};

/** Reason why a content was not made here by this user; null where it was, or where nobody could tell. */
const elsewhere = (
  ports: OriginPorts,
  here: Either<string, Binding>,
  { runnerId, id, place }: NamedContent,
): Elsewhere | null => {
  if (place === null) return isLeft(here) ? null : 'unsigned';
  if (isLeft(here)) return 'no-key';
  const { device, boot, code } = place;
  return elsewhereBy(
    ports,
    KIND,
    here.right,
    { runnerId, id },
    { made: { ...here.right, device, boot }, code },
  );
};

/** File of a runner that has ended. */
export interface AbandonedContent {
  readonly path: string;
  /** Null: this user made it, here. */
  readonly why: Elsewhere | null;
}

/** Files of runners that have ended. */
export const abandonedContents = (
  ports: Omit<ContentPorts, 'logger'>,
  controlDir: string,
): Either<FileSystemError, readonly AbandonedContent[]> => {
  const directory = directoryIn(controlDir);
  const names = ports.files.readDirectory(directory)();
  // It is made for the first export.
  if (isLeft(names)) return names.left.code === 'ENOENT' ? right([]) : names;
  const isLive = liveRunners(ports.locks, controlDir);
  const abandoned = names.right.flatMap((name) => {
    const content = readName(name);
    return content === null || isLive(content.runnerId) ? [] : [{ name, content }];
  });
  if (abandoned.length === 0) return right([]);
  const here = bindingIn(ports, controlDir);
  return right(
    abandoned.map(({ name, content }) => ({
      path: `${directory}/${name}`,
      why: elsewhere(ports, here, content),
    })),
  );
};

/**
 * Removes them, and returns how many (with `dryRun`: how many there are); those that were made elsewhere only where they
 * are adopted. What cannot be removed takes up room and nothing else.
 */
export const clearAbandonedContents =
  (
    ports: ContentPorts,
    controlDir: string,
    { dryRun, adopt = false }: { readonly dryRun: boolean; readonly adopt?: boolean },
  ): IO<number> =>
  () => {
    const abandoned = pipe(
      abandonedContents(ports, controlDir),
      map((contents) => contents.filter(({ why }) => adopt || why === null)),
    );
    if (dryRun && isRight(abandoned)) return abandoned.right.length;
    const results = isLeft(abandoned)
      ? [abandoned]
      : abandoned.right.map(({ path }) => ports.files.remove(path)());
    for (const result of results) {
      if (isRight(result)) continue;
      const { path, call, code } = result.left;
      ports.logger.log('warn', 'export_contents_not_removed', { path, error: `${call} failed: ${code}` });
    }
    return results.filter(isRight).length;
  };

/** The place for what this process exports. */
export const exportContents = (
  ports: ContentPorts & Pick<StewardPorts, 'ids'>,
  controlDir: string,
  runner: Pick<RunnerOfProcess, 'ensure'>,
): StagingPlace => ({
  newPath: () =>
    pipe(
      runner.ensure(),
      TE.tap(() =>
        pipe(
          TE.fromIOEither(ports.files.makeDirectories(directoryIn(controlDir))),
          TE.mapLeft((cause): PondError => ({ ...cause, _tag: 'HostFileFailed' })),
        ),
      ),
      TE.map(
        (runnerId) =>
          `${directoryIn(controlDir)}/${newName(ports, controlDir, runnerId, ports.ids.uuidV7())}`,
      ),
      TE.mapLeft(describeError),
    ),
  clearAbandoned: clearAbandonedContents(ports, controlDir, { dryRun: false }),
});
