// The `pond` executable: a launcher, the bundle that it runs, and V8's code cache for the bundle.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from './esbuild-options.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const LAUNCHERS_IMPORT = 'launchersImport';

/** Code from V8's cache has no `import` of its own: packages are required, users' modules imported by the launcher. */
const importByLauncher = {
  name: 'import-by-launcher',
  setup(bundle) {
    let replaced = false;
    bundle.onLoad({ filter: /\/src\/adapters\/node\/import-module\.ts$/ }, () => {
      replaced = true;
      return { contents: `export const importModule = ${LAUNCHERS_IMPORT};` };
    });
    bundle.onEnd(() =>
      replaced ? {} : { errors: [{ text: 'import-module.ts is not where the build looks for it' }] },
    );
  },
};

/**
 * Builds it in the folder `outdir`; returns its path and esbuild's metafile. Tests build others like it from a `source` of
 * their own, with what `define` says.
 */
export const buildExecutable = async ({
  root,
  outdir,
  version,
  source = 'src/bin.ts',
  define = {},
  sourceMaps = false,
  // Code from the cache does not count which of its lines are reached.
  codeCache = !sourceMaps,
}) => {
  const options = esbuildOptions({
    root,
    entryPoints: { 'pond-bundle': source },
    outdir,
    version,
    sourceMaps,
  });
  const { metafile } = await build({
    ...options,
    define: { ...options.define, ...define },
    // One file: what a command does not need is in it, but is neither compiled nor run.
    splitting: false,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    plugins: [...options.plugins, importByLauncher],
    banner: { js: `(function (require, module, ${LAUNCHERS_IMPORT}) {` },
    footer: { js: '})' },
  });
  const executable = join(outdir, 'pond.cjs');
  copyFileSync(join(here, 'launcher.cjs'), executable);
  chmodSync(executable, 0o755);
  if (codeCache) writeCodeCache(executable);
  return { executable, metafile };
};

/** One after the other, since each adds what the ones before did not run: the work of everyday commands. */
const EVERYDAY = [
  { args: ['--help'] },
  { args: ['init'] },
  { args: ['mknod', 'test-executor', '/etc/system.d/10-first', '--config', 'message: hello'] },
  { args: ['mknod', 'command', '/etc/system.d/20-second', '--config', 'run: [cat]'] },
  { args: ['copy', '-', '/in/data.csv'], input: 'a,b\n1,2\n' },
  { args: ['show-post-commit'] },
  { args: ['list', '-l'] },
  { args: ['cat', '/in/data.csv'] },
  { args: ['host', 'apply', 'plan.json'] },
];

const hostPlan = (directory) => ({
  operations: [
    { id: 'directory', kind: 'DirCreate', path: `${directory}/site` },
    { id: 'link', kind: 'LinkCreate', source: directory, target: `${directory}/site/source` },
  ],
});

const writeCodeCache = (executable) => {
  const scratch = mkdtempSync(join(tmpdir(), 'pond-code-cache-'));
  try {
    writeFileSync(join(scratch, 'plan.json'), JSON.stringify(hostPlan(scratch)));
    for (const { args, input = '' } of EVERYDAY) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(here, 'write-code-cache.cjs'), executable, ...args],
        {
          cwd: scratch,
          input,
          env: { PATH: process.env.PATH, POND: join(scratch, 'pond') },
          encoding: 'utf8',
        },
      );
      if (status !== 0) throw new Error(`pond ${args.join(' ')}: exit code ${status}: ${stderr}`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};
