#!/bin/sh
':' //; { true 3>&1; } 2>/dev/null || exec 1</dev/null; { true 3<&0; } 2>/dev/null || exec 0>/dev/null; exec node "$0" "$@"
// To the shell the line above is all of this file, to Node it is a string. Where standard output or input is closed (`>&-`), Node
// would open /dev/null in its place, and nobody could tell that what was printed has gone nowhere, or that nothing was read:
// the shell opens it so that writing or reading fails.

// Becomes `dist/pond.cjs`: starts the bundle beside it. Compiling the bundle would take longer than most commands do,
// so the build keeps what V8 made of it; for another version of Node V8 refuses that, and compiles. What is kept is read
// as a whole, so there is a smaller part of it for the commands that only read, and one for those that write.

const { readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');

const VERSION = '__POND_VERSION__';

const KIND_OF_COMMAND = new Map([
  ...['cat', 'list', 'ls', 'status', 'control', 'log', 'versions', 'describe', 'show-post-commit'].map(
    (command) => [command, '.reads'],
  ),
  ...['copy', 'mkdir', 'rm', 'mv', 'cp', 'mknod', 'init'].map((command) => [command, '.writes']),
]);

const BUNDLE = 'pond-bundle.js';
const filename = join(__dirname, BUNDLE);

/** Set by the build: the kind whose cache is to be made, and of which nothing else is to be taken. */
const made = globalThis[Symbol.for('pond-steward.code-cache')];

/** What is taken for the command only decides how fast it starts. */
const kind =
  made ?? KIND_OF_COMMAND.get(process.argv.slice(2).find((word) => KIND_OF_COMMAND.has(word))) ?? '';

const readIfThere = (path) => {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const codeCache = () =>
  readIfThere(`${filename}${kind}.cache`) ??
  (made === undefined && kind !== '' ? readIfThere(`${filename}.cache`) : undefined);

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

if (!saidVersion()) {
  const { Script } = require('node:vm');
  // The bundle is one function expression in ASCII: see `executable.mjs`.
  // The name that stack traces show is kept in the cache: one without the directory in which it was built.
  const script = new Script(readFileSync(filename, 'latin1'), { filename: BUNDLE, cachedData: codeCache() });
  script.runInThisContext()(require, module, (url) => {
    // What a user's module writes to an output that nobody reads any more must not end the process.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    return import(url);
  });
  module.exports = script;
}
