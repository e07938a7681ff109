// How the sources become JavaScript: what is bundled, what stays outside, and which build of a dependency is taken.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folderOf = (packageName) => dirname(require.resolve(`${packageName}/package.json`));

/**
 * fp-ts and io-ts are imported as `fp-ts/lib/Either.js`, because plain Node can load that. It is CommonJS, which
 * esbuild cannot shake; the same modules lie in `es6`. All imports of one package must end in the same build.
 */
const functionalPackagesAsEs6 = {
  name: 'functional-packages-as-es6',
  setup(build) {
    build.onResolve({ filter: /^(fp-ts|io-ts)(\/|$)/ }, ({ path }) => {
      const [packageName, ...rest] = path.split('/');
      const moduleName = rest.filter((part) => part !== 'lib' && part !== 'es6').join('/') || 'index';
      return {
        path: join(folderOf(packageName), 'es6', `${moduleName.replace(/\.js$/, '')}.js`),
        sideEffects: false,
      };
    });
  },
};

/** pino loads its worker threads on import. We write log lines in the process itself, so they are left out. */
const pinoWithoutWorkers = {
  name: 'pino-without-workers',
  setup(build) {
    build.onResolve({ filter: /^thread-stream$/ }, () => ({ path: 'thread-stream', namespace: 'left-out' }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = class { constructor() { throw new Error('${path} is not part of this bundle'); } };`,
      loader: 'js',
    }));
  },
};

/** Options for a bundle of `entryPoints` (`{ pond: 'src/bin.ts' }` becomes `pond.js`) in the folder `outdir`. */
export const esbuildOptions = ({ root, entryPoints, outdir, version }) => ({
  absWorkingDir: root,
  entryPoints,
  outdir,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['better-sqlite3', '@duckdb/node-api', '@opentelemetry/*'],
  plugins: [functionalPackagesAsEs6, pinoWithoutWorkers],
  // Bundled CommonJS modules ask for Node's own modules by `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as nodeCreateRequire } from 'node:module';\nconst require = nodeCreateRequire(import.meta.url);",
  },
  define: { __POND_VERSION__: JSON.stringify(version) },
  // Names stay as they are, for the sake of stack traces.
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
