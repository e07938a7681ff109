import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from '../../build/esbuild-options.mjs';
import { buildExecutable } from '../../build/executable.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The product as `npm run build` makes it, in a folder of its own: the executable's path, and the library. */
export const buildProduct = async (directory) => {
  const outdir = join(directory, 'dist');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build(esbuildOptions({ root, entryPoints: { index: 'src/index.ts' }, outdir, version }));
  // As in the package: without it Node would have to find out that these are ES modules, and what is not bundled is
  // found where it is installed.
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const { executable } = await buildExecutable({ root, outdir, version });
  const { Steward } = await import(join(outdir, 'index.js'));
  return { pond: executable, Steward };
};
