// `npm run layering [-- FOLDER]`: applies rules.cjs to FOLDER/src (default: this project).

import { join, resolve } from 'node:path';
import { judgeLayering } from './judge-layering.mjs';

const { text, isSound } = await judgeLayering(resolve(process.argv[2] ?? join(import.meta.dirname, '../..')));
console.log(text);
if (!isSound) process.exitCode = 1;
