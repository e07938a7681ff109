// Loaded into a process (NODE_OPTIONS=--require), which then says at SIGUSR2 what it holds once it has let go of what nobody needs:
// in the file that POND_TEST_MEMORY names.
const { renameSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  const file = process.env.POND_TEST_MEMORY;
  collect();
  collect();
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
  renameSync(`${file}.new`, file);
});
