// `npm run build`: src -> dist. The library as bundles that share chunks, its declarations and reports of its surface,
// the executable, and dist/bin/pond, so that a folder can be put on PATH. `-- --without-declarations` saves half of
// the time for who only needs what runs; `--source-maps` is for `npm run coverage`.

import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildDeclarations } from './declarations.mjs';
import { entryPoints } from './entry-points.mjs';
import { esbuildOptions } from './esbuild-options.mjs';
import { buildExecutable } from './executable.mjs';
import { buildPage } from './page.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
// Wherever it is called from: types of packages are looked for from the working directory.
process.chdir(root);
const dist = join(root, 'dist');
const sourceMaps = process.argv.includes('--source-maps');

const refuseMissingEntries = () => {
  const missing = Object.entries({ 'pond-bundle': 'src/bin.ts', ...entryPoints }).filter(
    ([, source]) => !existsSync(join(root, source)),
  );
  if (missing.length > 0) {
    const lines = missing.map(([name, source]) => `  ${source}, which becomes dist/${name}.js`);
    throw new Error(`cannot build, these sources are missing:\n${lines.join('\n')}`);
  }
};

const bundleLibrary = async (version) => {
  const { metafile } = await build(esbuildOptions({ root, entryPoints, outdir: dist, version, sourceMaps }));
  return metafile;
};

const makeExecutable = async (version) => {
  const { metafile } = await buildExecutable({ root, outdir: dist, version, sourceMaps });
  await mkdir(join(dist, 'bin'));
  await symlink('../pond.cjs', join(dist, 'bin/pond'));
  return metafile;
};

const printSizes = (outputs) => {
  const sizes = outputs.map(([file, { bytes }]) => ({ file, bytes }));
  const isEntry = ({ file }) => !file.includes('/chunks/');
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  for (const { file, bytes } of sizes.filter(isEntry)) console.log(`${file}  ${kib(bytes)}`);
  const chunks = sizes.filter((output) => !isEntry(output));
  const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${chunks.length} shared chunks  ${kib(total)}`);
};

try {
  refuseMissingEntries();
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [ofLibrary, ofExecutable, ofPage] = await Promise.all([
    bundleLibrary(version),
    makeExecutable(version),
    buildPage({ root, outdir: join(dist, 'page') }),
  ]);
  const faults = process.argv.includes('--without-declarations')
    ? []
    : buildDeclarations({ root, outdir: dist });
  if (faults.length > 0) console.error(`the library's surface has faults:\n${faults.join('\n')}`);
  printSizes([ofLibrary, ofExecutable, ofPage].flatMap(({ outputs }) => Object.entries(outputs)));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
