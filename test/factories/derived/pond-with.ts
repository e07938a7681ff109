import { onTestFinished } from 'vitest';
import { Steward } from '../../../src/promises.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export type Pond = Awaited<ReturnType<typeof Steward.open>>;

/** An empty pond on disk, open. */
export const newPond = async (
  options: Parameters<typeof Steward.open>[1] = {},
): Promise<Pond & { directory: string }> => {
  const directory = `${temporaryFolder('pond-derived-')}/pond`;
  await Steward.init(directory);
  const pond = await Steward.open(directory, options);
  onTestFinished(() => pond.close());
  return Object.assign(Object.create(pond), pond, { directory });
};

/** Puts dynamic nodes into a pond, by path: factory and configuration as YAML. */
export const derive = (
  pond: Pond,
  nodes: Readonly<Record<string, readonly [factory: string, config: string, type?: 'file' | 'directory']>>,
) =>
  pond.write(async ({ fs }) => {
    for (const [path, [factory, config, type = 'file']] of Object.entries(nodes)) {
      await fs.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/');
      await fs.createDynamicPath(path, `${type}:dynamic`, factory, Buffer.from(config), { overwrite: true });
    }
  });

/** All bytes of what is read. */
export const bytesAt = (pond: Pond, path: string, at?: number): Promise<Uint8Array> =>
  pond.read(({ fs }) => fs.readBytes(path), at === undefined ? {} : { at });

export const textAt = async (pond: Pond, path: string, at?: number): Promise<string> =>
  Buffer.from(await bytesAt(pond, path, at)).toString('utf8');
