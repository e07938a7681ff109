import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The words that start the executable which lies beside this library; null: there is none, since the library was made a part of
 * something else, or what runs it does not run programs of Node.
 */
export const ownExecutable = (): readonly string[] | null => {
  const { bun, electron } = process.versions;
  if (bun !== undefined || electron !== undefined) return null;
  const file = ['./pond.cjs', '../pond.cjs']
    .map((name) => fileURLToPath(new URL(name, import.meta.url)))
    .find((name) => existsSync(name));
  return file === undefined ? null : [process.execPath, file];
};
