import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { nodeModules } from '../../src/adapters/node/node-modules.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const base = temporaryFolder('modules');
writeFileSync(join(base, 'mine.mjs'), 'export default 1; export const two = 2;');
writeFileSync(join(base, 'broken.mjs'), 'export default (;');
writeFileSync(join(base, 'throws.mjs'), "throw new Error('not today')");
mkdirSync(join(base, 'node_modules', 'my-factories'), { recursive: true });
writeFileSync(join(base, 'node_modules', 'my-factories', 'index.js'), 'exports.three = 3;');

const load = (specifier: string) => nodeModules.load(specifier, base)();

it('a relative, an absolute and a bare name are each found from the base', async () => {
  expect(await load('./mine.mjs')).toMatchObject({ right: { default: 1, two: 2 } });
  expect(await load(join(base, 'mine.mjs'))).toMatchObject({ right: { two: 2 } });
  expect(await load(pathToFileURL(join(base, 'mine.mjs')).href)).toMatchObject({ right: { two: 2 } });
  expect(await load('my-factories')).toMatchObject({ right: { three: 3 } });
});

it('a module that is missing, broken, or throws is ModuleNotLoaded with its name', async () => {
  for (const specifier of ['./missing.mjs', './broken.mjs', './throws.mjs', 'mine.mjs']) {
    expect(await load(specifier)).toMatchObject({ left: { _tag: 'ModuleNotLoaded', specifier } });
  }
  expect(await load('./throws.mjs')).toMatchObject({ left: { message: 'not today' } });
});

it('a bare name that was meant as a file gets the hint', async () => {
  const outcome = await load('mine.mjs');
  expect(isLeft(outcome) ? outcome.left.message : '').toContain('./mine.mjs');
});

it('still loads modules at run time when it has been bundled', async () => {
  const bundle = join(base, 'bundle.mjs');
  buildSync({
    entryPoints: ['src/adapters/node/node-modules.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
  });
  const bundled: { nodeModules: typeof nodeModules } = await import(pathToFileURL(bundle).href);
  expect(await bundled.nodeModules.load('./mine.mjs', base)()).toMatchObject({ right: { two: 2 } });
});
