import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { Neighbours } from '../../host-plans/kinds/check-operation.js';
import { insidePond, ownDirectories } from '../../host-plans/operations/inside-pond.js';
import { realDirectories } from '../../host-plans/steps/real-directories.js';
import { isOfNobodyElse, placeByOwnLinks } from '../../host-plans/steps/shared-directory.js';
import type { FileSystem, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { openParquet } from '../../series/parquet-file.js';
import { ENDINGS, type RowsFile, rowsFileOf } from '../../series/rows-file.js';
import { type PersistenceError, persistenceErrorOf } from '../../tinyfs/persistence.js';
import { type CliError, usage } from '../errors.js';
import { hostFileFailed } from '../pond/host-content.js';
import type { CopyIn, IncomingSource } from './direction.js';
import { type DirectoryIdentity, readHostTree } from './host-tree.js';
import type { HostLocation } from './location.js';
import { refuseShared } from './refuse-shared.js';

/** One file that is to be copied into the pond. */
export interface IncomingFile {
  /** Path on the host; null is standard input. */
  readonly hostPath: string | null;
  /** Names below the place of its source; none for a source that is a file. */
  readonly names: readonly string[];
  /** Bytes, where that is known. */
  readonly size: number | null;
  /** Microseconds since the epoch, when it was looked at; null for standard input. */
  readonly modifiedAt: number | null;
  readonly entryType: 'file' | 'table' | 'series';
  /** Form in which its rows are written, where they are to be taken. */
  readonly rows: RowsFile | null;
}

/** A source of `copy`, looked at before anything is written. */
export interface InspectedSource {
  /** The last name of its path; empty for standard input. */
  readonly name: string;
  /** A directory, with what is in it. */
  readonly isTree: boolean;
  readonly directories: readonly (readonly string[])[];
  readonly files: readonly IncomingFile[];
  readonly passedOver: readonly string[];
  /** Directories of the pond's own that are left out. */
  readonly own: readonly string[];
}

/** Ports by which sources are looked at. */
export interface Inspecting {
  readonly files: FileSystem;
  /** Ports by which sources are read. */
  readonly held: HostFileSystem;
  readonly neighbours: Neighbours;
  /** The pond's directory, or its address in a store. */
  readonly pond: string;
}

/** Looks at a source: that it is there, what is in it, and that it is Parquet where it has to be. */
export const inspectSource =
  ({ files, held, neighbours, pond }: Inspecting, copy: Pick<CopyIn, 'recursive'>) =>
  (source: IncomingSource): TE.TaskEither<CliError, InspectedSource> => {
    if (source._tag === 'StandardInput') return TE.right(standardInput);
    const name = basename(source.path);
    // A symlink that the user named is followed, once, before anything is opened.
    const real = files.realPath(source.path)();
    if (E.isLeft(real)) return TE.left(notFollowed(files, source.path, real.left));
    const led = placeOf(held, neighbours, source.path, real.right);
    if (E.isLeft(led)) return TE.left(led.left);
    const place = { ...source, path: led.right };
    const own = insidePond(files, pond, place.path);
    if (own !== null)
      return TE.left(
        usage(`${source.path} is in ${own}, which is the pond's own`, 'copy from another place'),
      );
    const stat = held.stat(place.path)();
    if (E.isLeft(stat)) return TE.left(hostFileFailed(stat.left));
    if (stat.right.kind === 'other') return TE.left({ _tag: 'NotARegularFile', path: source.path });
    if (stat.right.kind !== 'directory') {
      const { size, modifiedAt } = stat.right;
      return pipe(
        incomingFile(held, place, { names: [], size, modifiedAt }),
        TE.map((file) => ({ name, isTree: false, directories: [], files: [file], passedOver: [], own: [] })),
      );
    }
    return copy.recursive
      ? pipe(
          inspectTree({ held, neighbours, pond }, source),
          TE.map((tree) => ({ ...tree, name })),
        )
      : TE.left({ _tag: 'HostDirectory', path: source.path });
  };

/**
 * Place to which a source leads, by directories that are held from now on. Refuses one that another user could exchange, a symlink of somebody
 * else's on the way to it or in its place among them: what is looked at is what is followed, whatever they put there meanwhile.
 */
const placeOf = (
  held: HostFileSystem,
  neighbours: Neighbours,
  named: string,
  real: string,
): E.Either<CliError, string> => {
  const { user, allowShared } = neighbours;
  if (allowShared) return E.right(real);
  const led = placeByOwnLinks(held, user)(named);
  if (led === null)
    return E.left({ _tag: 'SharedDirectory', path: named, directory: named, why: 'links lead in a circle' });
  const entry = held.lstat(named)();
  const isLink = E.isRight(entry) && entry.right.kind === 'symlink';
  const strange = led.linkOfAnother ?? (isLink && !isOfNobodyElse(held, user, named) ? named : null);
  if (strange !== null)
    return E.left({ _tag: 'SharedDirectory', path: named, directory: strange, why: 'another user owns it' });
  return pipe(
    refuseShared(held, neighbours, named),
    E.flatMap(() => refuseShared(held, neighbours, led.place)),
    E.map(() => led.place),
  );
};

/** Links of `/proc` and `/dev` that lead to no path: a pipe that a shell made. */
const notFollowed = (files: FileSystem, path: string, error: FileSystemError): CliError => {
  const isDescriptor = /^\/(dev\/(stdin|fd\/)|proc\/[^/]+\/fd\/)/.test(path);
  return isDescriptor && E.isRight(files.stat(path)())
    ? { _tag: 'NotARegularFile', path }
    : hostFileFailed({ ...error, path });
};

const inspectTree = (
  { held: files, neighbours, pond }: Pick<Inspecting, 'held' | 'neighbours' | 'pond'>,
  source: HostLocation,
): TE.TaskEither<CliError, InspectedSource> =>
  steps(async ({ run, take }) => {
    take(refuseShared(files, neighbours, join(source.path, 'entry')));
    const path = realDirectories(files, { ...neighbours, changed: new Set() })(source.path);
    const ofPond = ownDirectories(pond).flatMap((directory) => identityOf(files, directory));
    const { files: found, ...tree } = take(readHostTree(files, path, neighbours, ofPond));
    const incoming: IncomingFile[] = [];
    for (const file of found) incoming.push(await run(incomingFile(files, { ...source, path }, file)));
    return { name: basename(source.path), isTree: true, ...tree, files: incoming };
  });

const identityOf = (files: HostFileSystem, directory: string): readonly DirectoryIdentity[] =>
  pipe(
    files.realPath(directory)(),
    E.flatMap((path) => files.lstat(path)()),
    E.match(
      () => [],
      (stat) => [stat],
    ),
  );

const standardInput: InspectedSource = {
  name: '',
  isTree: false,
  directories: [],
  files: [{ hostPath: null, names: [], size: null, modifiedAt: null, entryType: 'file', rows: null }],
  passedOver: [],
  own: [],
};

const incomingFile = (
  files: FileSystem,
  { path, entryType, asRows = false }: HostLocation,
  { names, size, modifiedAt }: Pick<IncomingFile, 'names' | 'size' | 'modifiedAt'>,
): TE.TaskEither<CliError, IncomingFile> => {
  const hostPath = join(path, ...names);
  const file: IncomingFile = { hostPath, names, size, modifiedAt, entryType, rows: null };
  if (entryType === 'file') return TE.right(file);
  if (asRows) {
    const rows = rowsFileOf(basename(hostPath));
    if (rows === null)
      return TE.left(
        usage(
          `${hostPath} does not say by its name how its rows are written`,
          `name it with one of ${ENDINGS}`,
        ),
      );
    // Parquet that is not compressed is taken as it is.
    if (rows.format !== 'parquet' || rows.compression !== null) return TE.right({ ...file, rows });
  }
  // What is not a table is refused before the writer's lock is taken.
  return pipe(
    openParquet({ size: size ?? 0, read: rangesOf(files, hostPath) }, hostPath),
    TE.map(() => file),
  );
};

/** Bytes of a host file, which a reader of Parquet asks for. */
const rangesOf =
  (files: FileSystem, path: string) =>
  (offset: number, length: number): E.Either<PersistenceError, Uint8Array> =>
    pipe(files.readRange(path, offset, length)(), E.mapLeft(persistenceErrorOf));
