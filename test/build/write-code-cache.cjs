// Runs the executable (the caches that are to be filled and its path are the first arguments, its own arguments follow) and
// then keeps what V8 has compiled of their layers.

const { renameSync, writeFileSync } = require('node:fs');
const { join, dirname } = require('node:path');

const [, , filled, executable, ...args] = process.argv;
process.argv = [process.execPath, executable, ...args];

const { layers } = require(executable);

const fill = (cache) => {
  const script = layers.get(cache.split('.')[0]);
  if (script === undefined) throw new Error(`it runs nothing of the layer of ${cache}`);
  const file = join(dirname(executable), 'layers', cache);
  writeFileSync(`${file}.new`, script.createCachedData());
  renameSync(`${file}.new`, file);
};

process.on('exit', () => {
  try {
    for (const cache of filled.split(',')) if (cache !== '') fill(cache);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
});
