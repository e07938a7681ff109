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

/**
 * What dependencies load on import for features that are not used here, each costing every start of the executable:
 * commander's subcommands in programs of their own.
 */
const UNUSED = [{ module: /^node:child_process$/, importedBy: /node_modules\/commander\// }];

const withoutUnused = {
  name: 'without-unused',
  setup(build) {
    const anyOfThem = new RegExp(UNUSED.map(({ module }) => module.source).join('|'));
    build.onResolve({ filter: anyOfThem }, ({ path, importer }) =>
      UNUSED.some(({ module, importedBy }) => module.test(path) && importedBy.test(importer))
        ? { path, namespace: 'left-out' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = class { constructor() { throw new Error('${path} is not part of this bundle'); } };`,
      loader: 'js',
    }));
  },
};

/** Options for bundles of `entryPoints` (`{ index: 'src/index.ts' }` becomes `index.js`) in the folder `outdir`. */
export const esbuildOptions = ({ root, entryPoints, outdir, version, sourceMaps = false }) => ({
  absWorkingDir: root,
  entryPoints,
  outdir,
  bundle: true,
  // Modules are named by where they lie in this folder, also where `node_modules` is a link or full of them.
  preserveSymlinks: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // OpenTelemetry's API is small and needed at every start; its SDK is neither.
  external: [
    'better-sqlite3',
    'pg',
    '@aws-sdk/client-s3',
    '@smithy/signature-v4',
    '@duckdb/node-api',
    'apache-arrow',
    '@opentelemetry/exporter-*',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-*',
  ],
  plugins: [functionalPackagesAsEs6, withoutUnused],
  // Bundled CommonJS modules ask for Node's own modules by `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as nodeCreateRequire } from 'node:module';\nconst require = nodeCreateRequire(import.meta.url);",
  },
  define: { __POND_VERSION__: JSON.stringify(version) },
  // Less to parse at each start. Names stay as they are, for the sake of stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  // Beside the bundle, which does not name them: users would load them with each start.
  ...(sourceMaps ? { sourcemap: 'external', sourcesContent: false } : {}),
  logLevel: 'warning',
});
