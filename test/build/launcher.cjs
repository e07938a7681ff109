#!/bin/sh
':' //; { true 3>&1; } 2>/dev/null || exec 1</dev/null; { true 3<&0; } 2>/dev/null || exec 0>/dev/null; exec node "$0" "$@"
// To the shell the line above is all of this file, to Node it is a string. Where standard output or input is closed (`>&-`), Node
// would open /dev/null in its place, and nobody could tell that what was printed has gone nowhere, or that nothing was read:
// the shell opens it so that writing or reading fails.

// Becomes `dist/pond.cjs`: starts the layers beside it, of which each is loaded when something in it is wanted. Compiling them
// would take longer than most commands do, so the build keeps what V8 made of them; for another version of Node V8
// refuses that, and compiles.

const { readFileSync, writeSync } = require('node:fs');

const VERSION = '__POND_VERSION__';

const readIfThere = (path) => {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Commands that run more of the first layer, so that it has a second code cache for them; taken for one, another command only starts slower. */
const WRITES = new Set(['copy', 'mkdir', 'rm', 'mv', 'cp', 'mknod', 'init', 'apply']);

const FIRST = '__FIRST_LAYER__';

const codeCache = (name, path) => {
  const isWriting = name === FIRST && process.argv.some((word) => WRITES.has(word));
  const cache = (isWriting ? readIfThere(`${path}.writes.cache`) : undefined) ?? readIfThere(`${path}.cache`);
  if (cache !== undefined && hasMemoryOptions()) putOwnFlags(cache);
  return cache;
};

/** Options of Node that set no flag of V8, and those of V8's flags that change nothing of what it makes of code. */
const KNOWN_OPTION =
  /^(?:--(?:max[-_]old[-_]space[-_]size|max[-_]semi[-_]space[-_]size|stack[-_]trace[-_]limit)=\d+|--enable-source-maps|--(?:no|trace)-(?:warnings|deprecation)|(?:--require|-r|--import)(?:=.*)?|[^-].*)$/;

/**
 * Tells whether Node was given such options and no others. Many people set `--max-old-space-size` for all that they run: V8 would refuse
 * the cache for any flag at all, and compile for longer than most commands take.
 */
const hasMemoryOptions = () => {
  const options = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')].filter(Boolean);
  return options.length > 0 && options.every((option) => KNOWN_OPTION.test(option));
};

/** Bytes of a cache that say by which flags it was made, behind V8's version; where a version has something else there it refuses the cache. */
const FLAGS = { from: 12, to: 16 };

const putOwnFlags = (cache) => {
  const { Script } = require('node:vm');
  new Script('0', { produceCachedData: true }).cachedData.copy(cache, FLAGS.from, FLAGS.from, FLAGS.to);
};

/** Needs nothing of the program. Where it cannot be written, the program says so. */
const saidVersion = () => {
  if (require.main !== module || process.argv.length !== 3) return false;
  if (process.argv[2] !== '--version' && process.argv[2] !== '-V') return false;
  try {
    writeSync(1, `${VERSION}\n`);
    return true;
  } catch {
    return false;
  }
};

/** Compiled layers by name. The build and tests ask for them. */
const layers = new Map();

/** Modules that a layer offers to others, by the name of the layer and their own: `#layer/path`. */
const offered = new Map();

const registerModules = (made) => {
  for (const name of Object.keys(made)) offered.set(name, { make: made[name], made: undefined });
};

const moduleNamed = (name) => {
  if (!offered.has(name)) runLayer(name.slice(1, name.indexOf('/')));
  const module = offered.get(name);
  module.made ??= module.make();
  return module.made;
};

const takenFrom = (name, exported) => moduleNamed(name)[exported];

/** A function of a layer, or of Node's, that is loaded when it is called. */
const calledIn =
  (name, exported) =>
  (...given) =>
    requireByName(name)[exported](...given);

const requireByName = (name) => (name.startsWith('#') ? moduleNamed(name) : require(name));

const launchersImport = (url) => {
  // What a user's module writes to an output that nobody reads any more must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return import(url);
};

const runLayer = (name) => {
  const { Script } = require('node:vm');
  const path = `${__dirname}/layers/${name}.js`;
  // A layer is one function expression in ASCII: see `executable.mjs`.
  // The name that stack traces show is kept in the cache: one without the directory in which it was built.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: `pond-${name}.js`,
    cachedData: codeCache(name, path),
  });
  layers.set(name, script);
  script.runInThisContext()(requireByName, { exports: {} }, launchersImport, registerModules, takenFrom, calledIn);
};

if (!saidVersion()) {
  module.exports = { layers, requireByName };
  runLayer(FIRST);
}
