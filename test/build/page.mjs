// The page that `pond serve` shows: dist/page, with a digest in the names of its script and its style.

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Builds the page into `outdir`; returns esbuild's metafile. */
export const buildPage = async ({ root, outdir }) => {
  const source = join(root, 'src/page');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: 'src/page/page.tsx', style: 'src/page/style.css' },
    entryNames: '[name]-[hash]',
    outdir: join(outdir, 'assets'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome115', 'firefox115', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const names = Object.keys(metafile.outputs).map((output) => basename(output));
  const named = (ending) => `assets/${names.find((name) => name.endsWith(ending))}`;
  await mkdir(outdir, { recursive: true });
  const html = await readFile(join(source, 'index.html'), 'utf8');
  const filled = html.replace('/STYLE', `/${named('.css')}`).replace('/SCRIPT', `/${named('.js')}`);
  await writeFile(join(outdir, 'index.html'), filled);
  await copyFile(join(source, 'icon.svg'), join(outdir, 'icon.svg'));
  return metafile;
};
