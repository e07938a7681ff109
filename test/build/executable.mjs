// The `pond` executable: a launcher, the bundle that it runs, and V8's code cache for the bundle.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from './esbuild-options.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const LAUNCHERS_IMPORT = 'launchersImport';

const BIN = 'src/bin.ts';

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
 * The JavaScript of better-sqlite3 is a dozen files, each of which would have to be found and read at every start. They
 * are in the bundle, and the launcher's `require` finds the compiled addon.
 */
const sqliteInOneFile = {
  name: 'sqlite-in-one-file',
  setup(bundle) {
    bundle.onResolve({ filter: /^better-sqlite3$/ }, ({ path }) => ({ path, namespace: 'sqlite' }));
    bundle.onResolve({ filter: /^(bindings|better-sqlite3\/build\/.*\.node)$/ }, ({ path }) => ({
      path,
      external: true,
    }));
    bundle.onLoad({ filter: /.*/, namespace: 'sqlite' }, () => ({
      contents: `
        const Database = require('better-sqlite3/lib/database.js');
        const addon = require('better-sqlite3/build/Release/better_sqlite3.node');
        module.exports = class extends Database {
          constructor(filename, options) { super(filename, { ...options, nativeBinding: addon }); }
        };
        module.exports.SqliteError = require('better-sqlite3/lib/sqlite-error.js');
      `,
      resolveDir: here,
      loader: 'js',
    }));
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
  source = BIN,
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
    external: options.external.filter((name) => name !== 'better-sqlite3'),
    plugins: [...options.plugins, importByLauncher, sqliteInOneFile],
    banner: { js: `(function (require, module, ${LAUNCHERS_IMPORT}) {` },
    footer: { js: '})' },
  });
  const executable = join(outdir, 'pond.cjs');
  const launcher = readFileSync(join(here, 'launcher.cjs'), 'utf8');
  writeFileSync(executable, launcher.replace('__POND_VERSION__', version));
  chmodSync(executable, 0o755);
  // One is enough for others like it, which are built for a few minutes.
  if (codeCache) writeCodeCache(executable, source === BIN ? KINDS : ['']);
  return { executable, metafile };
};

/** Kinds of code caches, in the order in which they are made: of writing, of reading, of everything. See the launcher. */
const KINDS = ['.writes', '.reads', ''];

/** One after the other, since each adds what the ones before did not run: the work of everyday commands, by kind. */
const EVERYDAY = [
  { args: ['--help'], kinds: [''] },
  { args: ['init'], kinds: ['', '.writes'] },
  { args: ['copy', '-', '/in/data.csv'], input: 'a,b\n1,2\n', kinds: ['.writes'] },
  {
    args: ['mknod', 'test-executor', '/etc/system.d/10-first', '--config', 'message: hello'],
    kinds: ['', '.writes'],
  },
  { args: ['mknod', 'command', '/etc/system.d/20-second', '--config', 'run: [cat]'], kinds: [''] },
  { args: ['copy', '-', '/in/data.csv'], input: 'a,b\n1,2\n', kinds: ['', '.writes'] },
  { args: ['copy', 'host://SCRATCH/plan.json', '/in/plan.json'], kinds: ['.writes'] },
  { args: ['copy', '/in/data.csv', 'host://SCRATCH/out.csv'], kinds: ['.writes'] },
  { args: ['show-post-commit'], kinds: ['', '.reads'] },
  { args: ['list', '-l'], kinds: ['', '.reads'] },
  { args: ['status'], kinds: ['.reads'] },
  { args: ['control'], kinds: ['.reads'] },
  { args: ['cat', '/in/data.csv'], kinds: ['', '.reads'] },
  { args: ['host', 'apply', 'plan.json'], kinds: [''] },
];

const hostPlan = (directory) => ({
  operations: [
    { id: 'directory', kind: 'DirCreate', path: `${directory}/site` },
    { id: 'link', kind: 'LinkCreate', source: directory, target: `${directory}/site/source` },
  ],
});

const writeCodeCache = (executable, made) => {
  const scratch = mkdtempSync(join(tmpdir(), 'pond-code-cache-'));
  try {
    writeFileSync(join(scratch, 'plan.json'), JSON.stringify(hostPlan(scratch)));
    for (const kind of made) {
      for (const { args, input = '', kinds } of EVERYDAY) {
        if (!kinds.includes(kind)) continue;
        // Each kind but that of reading begins with a pond of its own.
        const pond = join(scratch, kind === '' ? 'other' : 'pond');
        runToKeep(executable, kind, {
          args: args.map((arg) => arg.replace('SCRATCH', scratch)),
          input,
          scratch,
          pond,
        });
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const runToKeep = (executable, kind, { args, input, scratch, pond }) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(here, 'write-code-cache.cjs'), kind, executable, ...args],
    {
      cwd: scratch,
      input,
      env: { PATH: process.env.PATH, POND: pond, POND_STATE_DIR: join(scratch, 'state') },
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`pond ${args.join(' ')}: exit code ${status}: ${stderr}`);
};
