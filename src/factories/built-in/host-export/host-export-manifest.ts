import { type Either, flatMap, isLeft, left, mapLeft, right, tryCatch } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { FileSystem } from '../../../ports/file-system.js';
import type { HostExportError } from './host-export-error.js';

/** File in the target directory: what was exported to it, by whom, from which commit. Part of the plan that publishes. */
export const MANIFEST_NAME = '.pond-export.json';

const FORMAT = 1;

const ManifestCodec = t.type({
  format: t.literal(FORMAT),
  pond_id: t.string,
  /** Path of the configuration that exports to this directory. */
  config_path: t.string,
  /** The commit whose state is published. */
  txn_seq: t.number,
  layout: t.union([t.literal('mirror'), t.literal('versions')]),
  /** `mirror`: exported files, their path in the target and the SHA-256 of their content. */
  files: t.record(t.string, t.string),
  /** `mirror`: directories that were made for them. */
  directories: t.array(t.string),
  /** `versions`: commits that have a directory, oldest first. */
  versions: t.array(t.number),
});

export type Manifest = t.TypeOf<typeof ManifestCodec>;

export const emptyManifest = (of: Pick<Manifest, 'pond_id' | 'config_path' | 'layout'>): Manifest => ({
  format: FORMAT,
  ...of,
  txn_seq: 0,
  files: {},
  directories: [],
  versions: [],
});

export const printManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;

/** The manifest of a target; null where there is none. An error where one cannot be read: nothing is known to be ours then. */
export const readManifest = (files: FileSystem, target: string): Either<HostExportError, Manifest | null> => {
  const path = `${target}/${MANIFEST_NAME}`;
  const stat = files.stat(path)();
  if (isLeft(stat)) {
    const { code } = stat.left;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? right(null)
      : left({ _tag: 'ExportCallFailed', error: stat.left });
  }
  const bytes = files.readFile(path)();
  if (isLeft(bytes)) return left({ _tag: 'ExportCallFailed', error: bytes.left });
  return pipe(
    parse(Buffer.from(bytes.right).toString('utf8')),
    flatMap(ManifestCodec.decode),
    mapLeft((): HostExportError => ({ _tag: 'NotAManifest', path })),
  );
};

const parse = (text: string): Either<unknown, unknown> =>
  tryCatch(
    () => JSON.parse(text),
    (thrown) => thrown,
  );
