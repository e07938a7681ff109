// The compiler that checks types and emits declarations: TypeScript 7, which needs a fifth of the processor time of TypeScript 6.
// That one stays for tools that call a compiler from JavaScript, and for what a user of the package compiles.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Its command, for the project in the folder `root`. Several threads would check some files twice. */
export const tsc = (root, ...args) => {
  const program = join(root, 'node_modules/typescript-7/bin/tsc');
  if (!existsSync(program)) throw new Error(`${program} is not there: npm install`);
  return [process.execPath, program, '--singleThreaded', ...args];
};
