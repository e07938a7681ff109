// The executable's modules in layers: one file for each, loaded when something in it is wanted. V8 reads a file and its code
// cache as a whole, so what everyday commands need is apart from what they do not. A module is in the first layer that needs it, and once.

import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { build } from 'esbuild';

/**
 * Layers but the last one, which has everything else; each with the modules that it is there for. What a `flat` one has is set
 * up at once, which takes less than setting up each module on demand.
 */
const LAYERS = [
  {
    name: 'reads',
    flat: true,
    of: [
      'src/bin.ts',
      'src/composition-root.ts',
      'src/cli/run-command-line.ts',
      'src/cli/commands/contents/cat.ts',
      'src/cli/commands/contents/list.ts',
      'src/cli/commands/contents/ls.ts',
      // Little that several of the layers below need, none of which is to be loaded for it.
      'src/cli/pond/host-content.ts',
      'src/documents/task-document.ts',
      'src/domain/series/series-fit.ts',
      'src/host-plans/held-work.ts',
      'src/host-plans/operations/host-path.ts',
      'src/host-plans/steps/real-directories.ts',
      'src/parquet/compact-thrift.ts',
      'src/planner/entries/left-over.ts',
      'src/planner/graph/find-cycle.ts',
      'src/planner/graph/parallel-batches.ts',
      'src/planner/graph/topological-sort.ts',
      'src/ports/no-telemetry.ts',
      'src/series/parquet-file.ts',
      'src/steward/planning/scheduled-entries.ts',
      'src/steward/pond/replica.ts',
    ],
  },
  {
    name: 'series',
    flat: true,
    of: ['src/series/whole-series.ts', 'src/parquet/stitched-file.ts'],
  },
  {
    name: 'writes',
    flat: false,
    of: [
      'src/tlogfs/writing.ts',
      'src/steward/changing-modules.ts',
      'src/control/transactions/data-committed.ts',
      'src/tinyfs/writing/create-writer.ts',
      'src/cli/commands/contents/copy.ts',
      'src/cli/commands/contents/mkdir.ts',
      'src/cli/commands/contents/rm.ts',
      'src/cli/commands/contents/mv.ts',
      'src/cli/commands/history/cp.ts',
      // What says how a pond is asks these only where there is something to say of entries.
      'src/planner/entries/registry-facts.ts',
      'src/planner/firings/plan-firing.ts',
      'src/planner/task-places.ts',
      'src/steward/describe-plan.ts',
      'src/steward/planning/make-firing-plan.ts',
      'src/steward/planning/pending-tasks.ts',
      'src/steward/tasks/refuse-untrusted.ts',
      'src/steward/attempts/run-task.ts',
    ],
  },
  {
    name: 'upkeep',
    flat: false,
    of: [
      'node_modules/hyparquet/src/node.js',
      'node_modules/hyparquet-writer/src/node.js',
      'src/tlogfs/check/check-log.ts',
      'src/tlogfs/maintenance/forget.ts',
      'src/tlogfs/maintenance/pack-history.ts',
      'src/tlogfs/maintenance/sweep.ts',
      'src/tlogfs/rows/many-rows-encoding.ts',
    ],
  },
  {
    name: 'yaml',
    flat: false,
    of: ['src/domain/documents/yaml-document.ts', 'src/steward/settings/settings-text.ts'],
  },
  {
    name: 'host',
    flat: false,
    of: [
      'src/host-plans/host-plans.ts',
      'src/cli/commands/host/host-apply.ts',
      'src/cli/commands/host/host-recover.ts',
      'src/cli/commands/host/host-checkpoints.ts',
    ],
  },
  {
    name: 'looks',
    flat: false,
    of: [
      'src/cli/commands/contents/describe.ts',
      'src/cli/commands/contents/versions.ts',
      'src/cli/commands/steward/control.ts',
      'src/cli/commands/steward/log.ts',
      'src/cli/commands/steward/logs.ts',
      'src/cli/commands/steward/show-post-commit.ts',
      'src/cli/commands/steward/status.ts',
      'src/cli/commands/steward/trace.ts',
      'src/control/arrivals/arrivals.ts',
      'src/control/firings/firings.ts',
      'src/steward/describe-error.ts',
      'src/steward/looking-modules.ts',
    ],
  },
  {
    name: 'tasks',
    flat: false,
    of: [
      'src/steward/tasks/run-commit-tasks.ts',
      'src/steward/gates/run-gate.ts',
      'src/factories/built-in.ts',
      'src/factories/registering.ts',
      'src/control/tasks/attempts.ts',
      'src/adapters/node/processes/node-processes.ts',
    ],
  },
  {
    name: 'queries',
    flat: false,
    of: [
      'src/adapters/duckdb/duckdb-query-engine.ts',
      'src/adapters/query-process/answer-queries.ts',
      'src/adapters/query-process/separate-engine.ts',
    ],
  },
];

/**
 * Modules that only some commands use, or only where something is configured: where another layer imports one, a function of it
 * loads it with its first call. All that is imported of them so are functions; a test looks.
 */
const ON_CALL = new Set([
  'node_modules/hyparquet/src/node.js',
  'node_modules/hyparquet-writer/src/node.js',
  'src/control/arrivals/arrivals.ts',
  'src/control/firings/firings.ts',
  'src/control/open-server-control.ts',
  'src/control/tasks/attempts.ts',
  'src/control/tasks/cancellation.ts',
  'src/control/tasks/dismissal.ts',
  'src/control/transactions/data-committed.ts',
  'src/control/transactions/gone-commits.ts',
  'src/control/transactions/rebuilt-commits.ts',
  'src/domain/documents/yaml-document.ts',
  'src/factories/built-in.ts',
  'src/host-plans/host-plans.ts',
  'src/planner/entries/registry-facts.ts',
  'src/planner/firings/plan-firing.ts',
  'src/planner/task-places.ts',
  'src/series/columns-so-far.ts',
  'src/series/convert-rows.ts',
  'src/series/decoded-bytes.ts',
  'src/series/inspect-table.ts',
  'src/series/whole-series.ts',
  'src/steward/describe-error.ts',
  'src/steward/describe-plan.ts',
  'src/steward/gates/run-gate.ts',
  'src/steward/planning/make-firing-plan.ts',
  'src/steward/planning/pending-tasks.ts',
  'src/steward/tasks/refuse-untrusted.ts',
  'src/steward/tasks/run-commit-tasks.ts',
  'src/steward/attempts/run-task.ts',
  'src/tinyfs/writing/create-writer.ts',
  'src/tlogfs/check/check-log.ts',
  'src/tlogfs/maintenance/forget.ts',
  'src/tlogfs/maintenance/pack-history.ts',
  'src/tlogfs/maintenance/sweep.ts',
  'src/tlogfs/rows/many-rows-encoding.ts',
]);

/**
 * Modules of Node's that take it longer to load than most commands take for what they do by them: likewise, in layers that are
 * flat; in all layers that of cryptography, which takes longest.
 */
const CRYPTOGRAPHY = 'node:crypto';
const NODES_ON_CALL = [CRYPTOGRAPHY, 'node:module', 'node:os', 'node:timers/promises', 'node:zlib'];

const REST = 'rest';

/** How a module of a layer is named, where another layer asks for it. */
const layeredName = (layer, id) => `#${layer}/${id}`;

const isFile = (id) => !/^[\w-]+:/.test(id);

/** Modules that are set up before the one with the given path is, by the paths of esbuild's metafile. */
const reachedFrom = (starts, inputs) => {
  const reached = new Set();
  const waiting = [...starts];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { path, kind, external } of inputs[id].imports) {
      if (kind !== 'dynamic-import' && !external && !ON_CALL.has(path)) waiting.push(path);
    }
  }
  return reached;
};

const refuseMissing = (inputs) => {
  const missing = [...LAYERS.flatMap(({ of }) => of), ...ON_CALL].filter((id) => inputs[id] === undefined);
  if (missing.length > 0)
    throw new Error(`test/build/layers.mjs names what the program has not: ${missing.join(', ')}`);
};

const layerOfEach = (inputs) => {
  const layerOf = new Map();
  for (const { name, of } of LAYERS) {
    for (const id of reachedFrom(of, inputs)) if (!layerOf.has(id)) layerOf.set(id, name);
  }
  for (const id of Object.keys(inputs)) if (!layerOf.has(id)) layerOf.set(id, REST);
  return layerOf;
};

/** Modules that another layer asks for, or a dynamic import within a flat one: by layer. */
const wantedFrom = (inputs, layerOf) => {
  const wanted = new Map([...LAYERS.map(({ name }) => [name, new Set()]), [REST, new Set()]]);
  const flat = new Set(LAYERS.filter((layer) => layer.flat).map(({ name }) => name));
  for (const [id, { imports }] of Object.entries(inputs)) {
    for (const { path, kind, external } of imports) {
      if (external) continue;
      const [own, other] = [layerOf.get(id), layerOf.get(path)];
      if (own === other && !(kind === 'dynamic-import' && flat.has(own))) continue;
      if (!isFile(path))
        throw new Error(`${path} is wanted by several layers, of which each would have its own`);
      wanted.get(other).add(path);
    }
  }
  return wanted;
};

/** Modules that some layer wants as they are, and not name by name. */
const wantedWhole = (inputs) =>
  new Set(
    Object.values(inputs).flatMap(({ imports }) =>
      imports.flatMap(({ path, kind }) => (kind === 'import-statement' ? [] : [path])),
    ),
  );

/** Names that the code of other layers takes of modules, each as `#layer/path name`. */
export const takenIn = (code) =>
  [...code.matchAll(/\b(?:takenFrom|calledIn)\(("#.*?"),\s*(".*?")\)/g)].map(
    ([, name, exported]) => `${JSON.parse(name)} ${JSON.parse(exported)}`,
  );

/** Names that each of the given modules exports. */
const exportsOf = async (options, ids) => {
  const { metafile } = await build({
    ...options,
    entryPoints: ids,
    outdir: 'nowhere',
    banner: {},
    write: false,
    minifyWhitespace: false,
  });
  return new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) =>
      entryPoint === undefined ? [] : [[entryPoint, exports]],
    ),
  );
};

/**
 * Layers of the program that `options` of esbuild's describe, in the order in which they may refer to each other's modules: only
 * to those of layers before, unless by an import on demand. `layerOf` has each module's layer by its path from the root.
 */
export const layersOf = async (options) => {
  const { metafile } = await build({ ...options, splitting: false, write: false });
  const { inputs } = metafile;
  refuseMissing(inputs);
  const layerOf = layerOfEach(inputs);
  const wanted = wantedFrom(inputs, layerOf);
  const ofModules = [...wanted.values()].flatMap((ids) =>
    [...ids].filter((id) => inputs[id].format === 'esm'),
  );
  const exported = await exportsOf(options, ofModules);
  const resolved = new Map(
    Object.entries(inputs).flatMap(([id, { imports }]) =>
      imports.flatMap(({ path, original, external }) => (external ? [] : [[`${id}\n${original}`, path]])),
    ),
  );
  return {
    layerOf,
    exported,
    whole: wantedWhole(inputs),
    resolved,
    places: [...LAYERS.map(({ name }) => name), REST],
    layers: [...LAYERS, { name: REST, flat: false }].map(({ name, flat }, at) => ({
      name,
      flat,
      wanted: [...wanted.get(name)],
      start: at === 0 ? LAYERS[0].of[0] : null,
    })),
  };
};

/**
 * Module that registers what other layers want of a layer, each when it is asked for. Of the first one, which is built last, only
 * what is `taken`: whatever is registered is part of it, and set up at each start.
 */
const registration = ({ name, flat, wanted, start }, { exported, whole, taken, root }) => {
  const lines = wanted.map((id, at) => {
    const path = JSON.stringify(`${root}/${id}`);
    const key = JSON.stringify(layeredName(name, id));
    const names = exported.get(id);
    if (!flat || names === undefined) return { entry: `${key}: () => require(${path})` };
    const values = names
      .filter((one) => start === null || whole.has(id) || taken.has(`${layeredName(name, id)} ${one}`))
      .map((one) => `${JSON.stringify(one)}: m${at}[${JSON.stringify(one)}]`);
    return {
      before: `import * as m${at} from ${path};`,
      entry: `${key}: () => ({ __esModule: true, ${values} })`,
    };
  });
  return [
    ...lines.flatMap(({ before = [] }) => before),
    `registerModules({\n${lines.map(({ entry }) => entry).join(',\n')}\n});`,
  ].join('\n');
};

/** Module in the place of one of another layer: its exports are what that one has, or functions that call its own. */
const standIn = (name, exports, taking) =>
  exports
    .map((one, at) => {
      const taken = `/* @__PURE__ */ ${taking}(${JSON.stringify(name)}, ${JSON.stringify(one)})`;
      return one === 'default'
        ? `export default ${taken};`
        : `const e${at} = ${taken};\nexport { e${at} as ${one} };`;
    })
    .join('\n');

const require = createRequire(import.meta.url);

/** Names that a module exports, Node's or one of a layer. */
const namesExportedBy = (name, exported) =>
  name.startsWith('node:') ? Object.keys(require(name)) : exported.get(name.slice(name.indexOf('/') + 1));

/** Plugin of esbuild's for building the layer `own`. `taken`: what the layers that are built already take of others. */
export const withinLayer = (own, { layerOf, exported, whole, resolved, places, taken, root }) => ({
  name: 'within-layer',
  setup(bundle) {
    // The package says that its modules have no effects: that the program starts is one.
    bundle.onResolve({ filter: /.*/, namespace: 'layer' }, ({ path }) =>
      path.startsWith('/') ? { path, sideEffects: true } : undefined,
    );
    bundle.onResolve({ filter: /^layer:/ }, ({ path }) => ({ path, namespace: 'layer' }));
    bundle.onLoad({ filter: /^layer:registration$/, namespace: 'layer' }, () => ({
      contents: registration(own, { exported, whole, taken, root }),
      resolveDir: root,
    }));
    bundle.onLoad({ filter: /^layer:start$/, namespace: 'layer' }, () => ({
      contents: [
        "import 'layer:registration';",
        ...(own.start === null ? [] : [`import '${root}/${own.start}';`]),
      ].join('\n'),
      resolveDir: root,
    }));
    bundle.onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) => {
      if (kind === 'entry-point' || namespace !== 'file') return undefined;
      const isOurs = importer.startsWith(`${root}/src/`);
      if (
        kind === 'import-statement' &&
        (own.flat ? NODES_ON_CALL.includes(path) : isOurs && path === CRYPTOGRAPHY)
      ) {
        return { path, namespace: 'on-call', sideEffects: false };
      }
      const id = resolved.get(`${relative(root, importer)}\n${path}`);
      const layer = id === undefined ? own.name : layerOf.get(id);
      if (layer === own.name && !(own.flat && kind === 'dynamic-import')) return undefined;
      const name = layeredName(layer, id);
      if (kind === 'dynamic-import' || !exported.has(id)) return { path: name, external: true };
      const isLater = places.indexOf(layer) > places.indexOf(own.name);
      return {
        path: name,
        namespace: isLater || (ON_CALL.has(id) && id.startsWith('src/')) ? 'on-call' : 'earlier',
        sideEffects: false,
      };
    });
    for (const [namespace, taking] of [
      ['earlier', 'takenFrom'],
      ['on-call', 'calledIn'],
    ]) {
      bundle.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: standIn(path, namesExportedBy(path, exported), taking),
      }));
    }
  },
});
