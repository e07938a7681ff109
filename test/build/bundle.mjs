// `npm run build`: src -> dist, which stays as it was until all of it is built. The library as bundles that share chunks, its declarations and reports of its surface,
// the executable, and dist/bin/pond, so that a folder can be put on PATH. `-- --without-declarations` saves half of
// the time for who only needs what runs; `--source-maps` is for `npm run coverage`.

import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { entryPoints } from './entry-points.mjs';
import { esbuildOptions } from './esbuild-options.mjs';
import { buildExecutable } from './executable.mjs';
import { freshFolder, takePlace } from './fresh-folder.mjs';
import { buildPage } from './page.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
// Wherever it is called from: types of packages are looked for from the working directory.
process.chdir(root);
const dist = join(root, 'dist');
const sourceMaps = process.argv.includes('--source-maps');

const refuseMissingEntries = () => {
  const missing = Object.entries({ executable: 'src/bin.ts', ...entryPoints }).filter(
    ([, source]) => !existsSync(join(root, source)),
  );
  if (missing.length > 0) {
    const lines = missing.map(([name, source]) => `  ${source}, which becomes dist/${name}.js`);
    throw new Error(`cannot build, these sources are missing:\n${lines.join('\n')}`);
  }
};

const bundleLibrary = async (outdir, version) => {
  const { metafile } = await build(esbuildOptions({ root, entryPoints, outdir, version, sourceMaps }));
  return metafile;
};

const makeExecutable = async (outdir, version) => {
  const { metafiles } = await buildExecutable({ root, outdir, version, sourceMaps });
  await mkdir(join(outdir, 'bin'));
  await symlink('../pond.cjs', join(outdir, 'bin/pond'));
  return { outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)) };
};

const printSizes = (sizes) => {
  const isEntry = ({ file }) => !file.includes('/chunks/');
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  for (const { file, bytes } of sizes.filter(isEntry)) console.log(`${file}  ${kib(bytes)}`);
  const chunks = sizes.filter((output) => !isEntry(output));
  const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${chunks.length} shared chunks  ${kib(total)}`);
};

const declare = async (outdir) => {
  // It takes a second to load.
  const { buildDeclarations } = await import('./declarations.mjs');
  const faults = buildDeclarations({ root, outdir });
  if (faults.length > 0) console.error(`the library's surface has faults:\n${faults.join('\n')}`);
};

const buildInto = async (outdir) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [ofLibrary, ofExecutable, ofPage] = await Promise.all([
    bundleLibrary(outdir, version),
    makeExecutable(outdir, version),
    buildPage({ root, outdir: join(outdir, 'page') }),
  ]);
  if (!process.argv.includes('--without-declarations')) await declare(outdir);
  return [ofLibrary, ofExecutable, ofPage]
    .flatMap(({ outputs }) => Object.entries(outputs))
    .map(([file, { bytes }]) => ({ file: file.replace(relative(root, outdir), 'dist'), bytes }));
};

try {
  refuseMissingEntries();
  const fresh = freshFolder(dist);
  try {
    const outputs = await buildInto(fresh);
    // Others may run it, too, as they may any new folder.
    await chmod(fresh, 0o777 & ~process.umask());
    takePlace(fresh, dist);
    printSizes(outputs);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
