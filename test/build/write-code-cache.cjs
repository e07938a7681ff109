// Runs the executable (its path is the first argument, its own arguments follow) and then keeps what V8 has compiled.

const { renameSync, writeFileSync } = require('node:fs');
const { join, dirname } = require('node:path');

const [, , executable, ...args] = process.argv;
process.argv = [process.execPath, executable, ...args];

const script = require(executable);
process.on('exit', () => {
  const file = join(dirname(executable), 'pond-bundle.js.cache');
  writeFileSync(`${file}.new`, script.createCachedData());
  renameSync(`${file}.new`, file);
});
