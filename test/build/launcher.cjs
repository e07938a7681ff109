#!/usr/bin/env node
// Becomes `dist/pond.cjs`: starts the bundle beside it. Compiling the bundle would take longer than most commands do,
// so the build keeps what V8 made of it; for another version of Node V8 refuses that, and compiles.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const filename = join(__dirname, 'pond-bundle.js');

const codeCache = () => {
  try {
    return readFileSync(`${filename}.cache`);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

// The bundle is one function expression in ASCII: see `executable.mjs`.
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: codeCache() });
script.runInThisContext()(require, module, (url) => import(url));

module.exports = script;
