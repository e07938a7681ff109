// Runs the executable (the kind of the cache and its path are the first arguments, its own arguments follow) and then
// keeps what V8 has compiled.

const { renameSync, writeFileSync } = require('node:fs');
const { join, dirname } = require('node:path');

const [, , kind, executable, ...args] = process.argv;
process.argv = [process.execPath, executable, ...args];
globalThis[Symbol.for('pond-steward.code-cache')] = kind;

const script = require(executable);
process.on('exit', () => {
  const file = join(dirname(executable), `pond-bundle.js${kind}.cache`);
  writeFileSync(`${file}.new`, script.createCachedData());
  renameSync(`${file}.new`, file);
});
