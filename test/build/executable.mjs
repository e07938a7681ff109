// The `pond` executable: a launcher, the layers that it runs, and V8's code cache of each.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from './esbuild-options.mjs';
import { layersOf, takenIn, withinLayer } from './layers.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const LAUNCHERS_IMPORT = 'launchersImport';

const BIN = 'src/bin.ts';

/** Code from V8's cache has no `import` of its own: packages are required, users' modules imported by the launcher. */
const importByLauncher = () => {
  let replaced = false;
  return {
    name: 'import-by-launcher',
    setup(bundle) {
      bundle.onLoad({ filter: /\/import-module\.ts$/ }, () => {
        replaced = true;
        return { contents: `export const importModule = ${LAUNCHERS_IMPORT};` };
      });
    },
    /** Throws where no layer has the module. */
    look: () => {
      if (!replaced) throw new Error('import-module.ts is not where the build looks for it');
    },
  };
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

const PARAMETERS = ['require', 'module', LAUNCHERS_IMPORT, 'registerModules', 'takenFrom', 'calledIn'];

/**
 * Builds it in the folder `outdir`; returns its path and esbuild's metafiles. Tests build others like it from a `source` of
 * their own, with what `define` says: in one layer.
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
  const options = esbuildOptions({ root, entryPoints: {}, outdir, version, sourceMaps });
  const { name, setup, look } = importByLauncher();
  const plugins = [...options.plugins, { name, setup }, sqliteInOneFile];
  const shared = {
    ...options,
    define: { ...options.define, ...define },
    external: options.external.filter((name) => name !== 'better-sqlite3'),
    plugins,
  };
  const bundle = {
    ...shared,
    splitting: false,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    banner: { js: `(function (${PARAMETERS.join(', ')}) {` },
    footer: { js: '})' },
  };
  const layered = source === BIN && !sourceMaps;
  const { layers, ...house } = layered
    ? await layersOf({ ...shared, entryPoints: [source] })
    : { layers: [{ name: 'all' }] };
  const taken = new Set();
  const buildLayer = async (layer) => {
    const { metafile } = await build({
      ...bundle,
      entryPoints: [{ in: layered ? 'layer:start' : source, out: `layers/${layer.name}` }],
      plugins: layered ? [withinLayer(layer, { ...house, taken, root }), ...plugins] : plugins,
    });
    const code = readFileSync(join(outdir, `layers/${layer.name}.js`), 'latin1');
    for (const name of takenIn(code)) taken.add(name);
    return metafile;
  };
  // The first layer comes last: it has only what is started and what others take.
  const [first, ...later] = layers;
  const metafiles = await Promise.all(later.map(buildLayer));
  metafiles.push(await buildLayer(first));
  look();
  const executable = join(outdir, 'pond.cjs');
  const launcher = readFileSync(join(here, 'launcher.cjs'), 'utf8');
  writeFileSync(
    executable,
    launcher.replace('__POND_VERSION__', version).replace('__FIRST_LAYER__', layers[0].name),
  );
  chmodSync(executable, 0o755);
  if (codeCache)
    writeCodeCache(
      executable,
      layers.map(({ name }) => name),
    );
  return { executable, metafiles };
};

/** Versions of a series that are joined when they are appended. */
const DAYS = Array.from({ length: 16 }, (_, at) => `day-${at}`);

/** More than the commits after which the log gets a checkpoint. */
const COMMITS_TO_CHECKPOINT = 10;

/** Work of everyday commands, one after the other, since each adds what the ones before did not run; and the caches that they fill. */
const EVERYDAY = [
  { args: ['--help'], fills: ['all.js.cache'] },
  { args: ['init'], fills: ['all.js.cache', 'reads.js.writes.cache', 'writes.js.cache'] },
  {
    args: ['copy', '-', '/in/data.csv'],
    input: 'a,b\n1,2\n',
    fills: ['all.js.cache', 'reads.js.writes.cache', 'writes.js.cache'],
  },
  { args: ['cat', '/in/data.csv'], fills: ['all.js.cache', 'reads.js.cache'] },
  { args: ['list', '-l'], fills: ['all.js.cache'] },
  { args: ['ls', '/in'], fills: ['reads.js.cache'] },
  // Most ponds have a checkpoint: the caches have what reads it.
  ...DAYS.slice(0, COMMITS_TO_CHECKPOINT).map((day) => ({
    args: ['copy', `host://SCRATCH/${day}.csv`, `/in/${day}.csv`],
    fills: [],
  })),
  {
    args: ['copy', 'host://SCRATCH/plan.json', '/in/file.json'],
    fills: ['all.js.cache', 'reads.js.writes.cache', 'writes.js.cache'],
  },
  { args: ['cat', '/in/file.json'], fills: ['all.js.cache', 'reads.js.cache'] },
  {
    args: ['mknod', 'test-executor', '/etc/system.d/10-first', '--config', 'message: hello'],
    fills: ['all.js.cache', 'yaml.js.cache', 'tasks.js.cache'],
  },
  {
    args: ['mknod', 'command', '/etc/system.d/20-second', '--config', 'run: [cat]'],
    fills: ['all.js.cache', 'yaml.js.cache', 'tasks.js.cache'],
  },
  {
    args: ['copy', 'host://SCRATCH/plan.json', '/in/plan.json'],
    fills: ['all.js.cache', 'writes.js.cache', 'tasks.js.cache'],
  },
  { args: ['copy', '/in/data.csv', 'host://SCRATCH/out.csv'], fills: ['writes.js.cache'] },
  { args: ['maintain'], fills: ['upkeep.js.cache'] },
  { args: ['show-post-commit'], fills: ['all.js.cache', 'looks.js.cache'] },
  { args: ['status'], fills: ['looks.js.cache'] },
  { args: ['fsck'], fills: ['rest.js.cache'] },
  {
    args: ['copy', '--as', 'series', ...DAYS.map((day) => `host://SCRATCH/${day}.csv`), '/days'],
    fills: ['rest.js.cache', 'series.js.cache'],
  },
  { args: ['sql', "SELECT count(*) FROM '/days'"], fills: ['rest.js.cache', 'series.js.cache'] },
  { args: ['cat', '/days'], fills: ['series.js.cache'] },
  { args: ['control'], fills: ['looks.js.cache'] },
  { args: ['host', 'apply', 'plan.json'], fills: ['all.js.cache', 'host.js.cache'] },
];

const hostPlan = (directory) => ({
  operations: [
    { id: 'directory', kind: 'DirCreate', path: `${directory}/site` },
    { id: 'link', kind: 'LinkCreate', source: directory, target: `${directory}/site/source` },
  ],
});

const writeCodeCache = (executable, layers) => {
  const scratch = mkdtempSync(join(tmpdir(), 'pond-code-cache-'));
  try {
    writeFileSync(join(scratch, 'plan.json'), JSON.stringify(hostPlan(scratch)));
    DAYS.forEach((day, at) => {
      writeFileSync(join(scratch, `${day}.csv`), `time,value\n2026-01-01T00:00:${10 + at}Z,${at}\n`);
    });
    for (const { args, input = '', fills } of EVERYDAY) {
      runToFill(
        executable,
        fills.filter((cache) => layers.some((layer) => cache.startsWith(`${layer}.`))),
        { args: args.map((arg) => arg.replace('SCRATCH', scratch)), input, scratch },
      );
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const runToFill = (executable, filled, { args, input, scratch }) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(here, 'write-code-cache.cjs'), filled.join(','), executable, ...args],
    {
      cwd: scratch,
      input,
      env: {
        PATH: process.env.PATH,
        POND: join(scratch, 'pond'),
        POND_STATE_DIR: join(scratch, 'state'),
      },
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`pond ${args.join(' ')}: exit code ${status}: ${stderr}`);
};
