import { createHash } from 'node:crypto';
import { isLeft, mapLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { FileSystemError, HostFileSystem } from '../../../ports/file-system.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import { errorThrownBy } from '../../../tinyfs/thrown-error.js';
import type { HostExportError } from './host-export-error.js';

/** Directory in which contents of all of a pond's exports wait. What is in it belongs to the process that put it there. */
export interface StagingPlace {
  /** A path for one more file, or in words why there is none. */
  readonly newPath: () => TE.TaskEither<string, string>;
  /** Removes what processes left that have ended. */
  readonly clearAbandoned: () => void;
}

/** The contents of one attempt. They wait, complete, until the plan moves them. */
export interface ExportStaging {
  /** Writes a content; returns its file and its SHA-256. `path`: whose content it is. */
  readonly add: (
    path: string,
    content: ByteStream,
  ) => TE.TaskEither<HostExportError, { readonly path: string; readonly sha256: string }>;
  /** Removes what is still there. What cannot be removed is abandoned when this process ends. */
  readonly clear: () => void;
}

const FILE_MODE = 0o644;

export const openStaging = (files: HostFileSystem, place: StagingPlace): ExportStaging => {
  const staged: string[] = [];
  return {
    add: (source, content) =>
      steps(async ({ run, take }) => {
        const path = await run(
          pipe(
            place.newPath(),
            TE.mapLeft((problem): HostExportError => ({ _tag: 'NoStaging', problem })),
          ),
        );
        staged.push(path);
        const hash = createHash('sha256');
        const written = await run(
          TE.tryCatch(
            // Whoever exports owns what is exported, whoever owns the pond.
            files.streamToNewFile(path, hashing(content, hash), { mode: FILE_MODE, fsync: true }),
            (thrown): HostExportError => ({
              _tag: 'ContentUnreadable',
              error: errorThrownBy(thrown, source),
            }),
          ),
        );
        take(pipe(written, mapLeft(callFailed)));
        return { path, sha256: hash.digest('hex') };
      }),
    clear: () => {
      for (const path of staged) files.remove(path)();
    },
  };
};

/** The SHA-256 of a file of the host's; null where there is no regular file. */
export const hashOfHostFile = async (files: HostFileSystem, path: string): Promise<string | null> => {
  const stat = files.stat(path)();
  if (isLeft(stat) || stat.right.kind !== 'file') return null;
  const hash = createHash('sha256');
  for await (const chunk of files.streamFile(path)) hash.update(chunk);
  return hash.digest('hex');
};

async function* hashing(
  content: ByteStream,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

const callFailed = (error: FileSystemError): HostExportError => ({ _tag: 'ExportCallFailed', error });
