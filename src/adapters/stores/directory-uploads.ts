import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { ObjectStore, Upload, UploadPart } from '../../ports/object-store.js';
import { type Attempt, namesIn, OWN_FOLDER, run } from './directory-calls.js';
import type { DirectoryStorePorts, ObjectFiles } from './object-files.js';

interface StoreDirectory {
  readonly root: string;
  readonly objects: ObjectFiles;
  readonly attempt: Attempt;
}

/** Objects that come in parts, each of which is a file in a folder of its upload until all are there. */
export const directoryUploads = (
  { files, ids }: Pick<DirectoryStorePorts, 'files' | 'ids'>,
  { root, objects: { stagedPath, publish }, attempt }: StoreDirectory,
): ObjectStore['uploads'] => {
  const uploadsOf = (key: string) => `${root}/${OWN_FOLDER}/uploads/${folderOf(key)}`;
  const uploadFolder = ({ key, id }: Upload) => `${uploadsOf(key)}/${id}`;
  const partsOf = (upload: Upload): readonly UploadPart[] =>
    namesIn(files, uploadFolder(upload)).flatMap((name) => {
      const [, number, etag] = /^(\d+)-([0-9a-f]{32})$/.exec(name) ?? [];
      if (number === undefined || etag === undefined) return [];
      const { size } = run(files.stat(`${uploadFolder(upload)}/${name}`));
      return [{ number: Number(number), size, etag }];
    });

  return {
    begin: ({ key }) =>
      attempt('upload', key, async () => {
        const upload = { key, id: ids.uuidV7() };
        run(files.makeDirectories(uploadFolder(upload)));
        return upload;
      }),
    put: (upload, { number, content }) =>
      attempt('upload', upload.key, async () => {
        for (const earlier of partsOf(upload)) {
          if (earlier.number === number) {
            run(files.remove(`${uploadFolder(upload)}/${number}-${earlier.etag}`));
          }
        }
        const etag = createHash('md5').update(content).digest('hex');
        const staged = stagedPath();
        run(files.writeNewFile(staged, content));
        run(files.rename(staged, `${uploadFolder(upload)}/${number}-${etag}`));
        return { number, size: content.length, etag };
      }),
    complete: (upload, parts, condition) =>
      attempt('upload', upload.key, async () => {
        const staged = stagedPath();
        const folder = uploadFolder(upload);
        const written = await files.streamToNewFile(staged, contentOf(files, folder, parts))();
        if (isLeft(written)) throw written.left;
        await publish(staged, upload.key, condition ?? undefined);
        for (const name of namesIn(files, folder)) run(files.remove(`${folder}/${name}`));
      }),
    abort: (upload) =>
      attempt('upload', upload.key, async () => {
        const folder = uploadFolder(upload);
        for (const name of namesIn(files, folder)) run(files.remove(`${folder}/${name}`));
      }),
    unfinished: (key) =>
      attempt('upload', key, async () =>
        namesIn(files, uploadsOf(key))
          .map((id) => ({ key, id }))
          .filter((upload) => partsOf(upload).length > 0),
      ),
    parts: (upload) => attempt('upload', upload.key, async () => partsOf(upload)),
  };
};

async function* contentOf(
  files: FileSystem,
  folder: string,
  parts: readonly UploadPart[],
): AsyncGenerator<Uint8Array> {
  for (const { number, etag } of parts) yield* files.streamFile(`${folder}/${number}-${etag}`);
}

const folderOf = (key: string): string => createHash('sha256').update(key).digest('hex');
