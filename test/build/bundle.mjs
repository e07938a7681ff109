// `npm run build`: src -> dist. The executable and the library as bundles that share chunks, declarations, and
// dist/bin/pond, so that a folder can be put on PATH.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from './esbuild-options.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');
const entryPoints = { pond: 'src/bin.ts', index: 'src/index.ts', promises: 'src/promises.ts' };
const SHEBANG = '#!/usr/bin/env node\n';

const refuseMissingEntries = () => {
  const missing = Object.entries(entryPoints).filter(([, source]) => !existsSync(join(root, source)));
  if (missing.length > 0) {
    const lines = missing.map(([name, source]) => `  ${source}, which becomes dist/${name}.js`);
    throw new Error(`cannot build, these sources are missing:\n${lines.join('\n')}`);
  }
};

const bundle = async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { metafile } = await build(esbuildOptions({ root, entryPoints, outdir: dist, version }));
  return metafile;
};

const emitDeclarations = () =>
  new Promise((done, failed) => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const project = join(root, 'test/build/declarations.json');
    spawn(process.execPath, [tsc, '-p', project], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
      .on('error', failed)
      .on('exit', (code) =>
        code === 0 ? done() : failed(new Error('the declarations could not be emitted; see above')),
      );
  });

const makeExecutable = async () => {
  const executable = join(dist, 'pond.js');
  const source = await readFile(executable, 'utf8');
  if (!source.startsWith('#!')) await writeFile(executable, SHEBANG + source);
  await chmod(executable, 0o755);
  await mkdir(join(dist, 'bin'));
  await symlink('../pond.js', join(dist, 'bin/pond'));
};

const printSizes = (metafile) => {
  const sizes = Object.entries(metafile.outputs).map(([file, { bytes }]) => ({ file, bytes }));
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
  const [metafile] = await Promise.all([bundle(), emitDeclarations()]);
  await makeExecutable();
  printSizes(metafile);
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
