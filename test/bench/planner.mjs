// The planner against the least that sorting a graph takes: Kahn's algorithm on typed arrays, from the same string ids.

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { esbuildOptions } from '../build/esbuild-options.mjs';
import { interleaved, median, ms, timed, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const TASKS = sized(100_000, 100);
const EDGES = sized(300_000, 200);
const ENTRIES = sized(1_000, 10);
const ROUNDS = sized(15, 1);
const WARM_UP = sized(3, 0);

/** The parts of the planner that the library does not name. */
const plannerParts = async (directory) => {
  const root = resolve(import.meta.dirname, '../..');
  const entryPoints = {
    arrange: 'src/planner/arranging/arrange-tasks.ts',
    commit: 'src/planner/plan-commit.ts',
    facts: 'src/planner/entries/registry-facts.ts',
    read: 'src/planner/entries/read-entry.ts',
    seal: 'src/planner/seal-plan.ts',
  };
  const outdir = join(directory, 'planner');
  await build(esbuildOptions({ root, entryPoints, outdir, version: 'bench' }));
  const parts = await Promise.all(
    Object.keys(entryPoints).map((name) => import(pathToFileURL(join(outdir, `${name}.js`)).href)),
  );
  return Object.assign({}, ...parts);
};

/** Numbers from 0 to 1 that are the same in every run (the generator mulberry32). */
const chances = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Names in order, and distinct edges between them that lead from an earlier to a later one. */
const randomGraph = () => {
  const chance = chances(1);
  const ids = Array.from({ length: TASKS }, (_, task) => `${String(task).padStart(6, '0')}-task.yaml`);
  const edges = [];
  const seen = new Set();
  while (edges.length < EDGES) {
    const [a, b] = [Math.floor(chance() * TASKS), Math.floor(chance() * TASKS)];
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    if (from === to || seen.has(from * TASKS + to)) continue;
    seen.add(from * TASKS + to);
    edges.push({ from: ids[from], to: ids[to] });
  }
  return { ids, edges };
};

/** The order alone: ids become numbers, edges arrays, and whoever waits for nothing comes next. */
const kahn = ({ ids, edges }) => {
  const numbers = new Map();
  for (let node = 0; node < ids.length; node += 1) numbers.set(ids[node], node);
  const from = new Int32Array(edges.length);
  const to = new Int32Array(edges.length);
  const starts = new Int32Array(ids.length + 1);
  const waitingFor = new Int32Array(ids.length);
  for (let edge = 0; edge < edges.length; edge += 1) {
    from[edge] = numbers.get(edges[edge].from);
    to[edge] = numbers.get(edges[edge].to);
    starts[from[edge] + 1] += 1;
    waitingFor[to[edge]] += 1;
  }
  for (let node = 0; node < ids.length; node += 1) starts[node + 1] += starts[node];
  const targets = new Int32Array(edges.length);
  const next = starts.slice();
  for (let edge = 0; edge < edges.length; edge += 1) {
    targets[next[from[edge]]] = to[edge];
    next[from[edge]] += 1;
  }
  const order = new Int32Array(ids.length);
  let placed = 0;
  for (let node = 0; node < ids.length; node += 1) {
    if (waitingFor[node] === 0) order[placed++] = node;
  }
  for (let place = 0; place < placed; place += 1) {
    const node = order[place];
    for (let edge = starts[node]; edge < starts[node + 1]; edge += 1) {
      waitingFor[targets[edge]] -= 1;
      if (waitingFor[targets[edge]] === 0) order[placed++] = targets[edge];
    }
  }
  if (placed < ids.length) throw new Error('a cycle');
  return order;
};

const candidatesOf = ({ ids, edges }) => {
  const dependsOn = new Map(ids.map((id) => [id, []]));
  for (const { from, to } of edges) dependsOn.get(to).push(from);
  return ids.map((name) => ({
    path: `/etc/system.d/${name}`,
    name,
    factory: 'test-executor',
    timeoutMs: null,
    retry: null,
    condition: null,
    rules: { derived: false, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' },
    place: { queue: 'any', host: null },
    dependsOn: dependsOn.get(name),
  }));
};

const benchGraph = async ({ arrangeTasks, sealPlan }) => {
  const graph = randomGraph();
  const candidates = candidatesOf(graph);
  const plan = (kind) => () => {
    const { tasks, batches, edges, warnings, rejected } = arrangeTasks({
      candidates,
      bystanders: [],
      schedule: { kind, groups: [] },
    });
    if (tasks.length !== TASKS || rejected.size > 0) throw new Error('not all of them were planned');
    return sealPlan({
      batches,
      edges,
      max_concurrency: 4,
      planner_version: 1,
      registry: { factories: {}, config_errors: {} },
      rejected: [],
      schedule: kind,
      skipped: [],
      tasks,
      warnings,
    });
  };
  const measured = await interleaved(ROUNDS, WARM_UP, {
    kahn: () => kahn(graph),
    graph: plan('graph'),
    sequential: plan('sequential'),
  });
  const floor = median(measured.kahn);
  return ['graph', 'sequential'].map((kind) => [
    `plan ${TASKS} tasks with ${EDGES} edges, schedule ${kind}`,
    times(median(measured[kind]) / floor),
    '<= 3 x',
    `${ms(median(measured[kind]))} with validation, batches and checksum; Kahn's algorithm on typed arrays ${ms(floor)}`,
  ]);
};

/** Entries of every kind: conditions that are met and that are not, dependencies, retries, plain files. */
const entryAt = (index) => {
  const name = `${String(index).padStart(4, '0')}-entry.yaml`;
  const lines = [
    'factory: test-executor',
    `description: entry ${index}`,
    ...(index % 3 === 0 ? [`condition: { path_pattern: ["/in/${index % 7}/**", "/out/*.csv"] }`] : []),
    ...(index > 0 ? [`depends_on: [${String(index >> 1).padStart(4, '0')}-entry]`] : []),
    ...(index % 5 === 0 ? ['timeout: 30s', 'retry: { max_attempts: 3, initial_interval: 1s }'] : []),
    'config:',
    `  message: entry ${index}`,
  ];
  return {
    path: `/etc/system.d/${name}`,
    entryType: 'file',
    nodeId: name,
    nodeFactory: null,
    content: { _tag: 'Bytes', bytes: Buffer.from(`${lines.join('\n')}\n`) },
  };
};

const benchCommit = async ({ planCommit, readEntry, registryFacts }) => {
  const entries = Array.from({ length: ENTRIES }, (_, index) => entryAt(index));
  const registry = { facts: () => ({ modes: ['PostCommitReader'] }), check: () => [] };
  const changes = Array.from({ length: 10 }, (_, index) => ({
    kind: 'created',
    path: `/in/${index}/data.csv`,
    entryType: 'file',
  }));
  const schedule = {
    _tag: 'Right',
    right: {
      kind: 'graph',
      groups: [],
      maxConcurrency: 4,
      timeoutMs: null,
      retry: {
        max_attempts: 1,
        initial_interval_ms: 1_000,
        backoff: 2,
        max_interval_ms: 60_000,
        jitter: true,
      },
    },
  };
  const parsing = await timed(() => {
    for (const entry of entries) readEntry(entry);
  });
  const plan = () =>
    planCommit({
      changes,
      suppressed: null,
      entries,
      schedule,
      factoryModes: {},
      registry: registryFacts(entries, registry),
    });
  const first = await timed(plan);
  const { planned } = await interleaved(ROUNDS, 0, { planned: plan });
  return [
    [
      `plan a commit with ${ENTRIES} entries, parsing excluded`,
      ms(first),
      '<= 20 ms',
      `the first time; the median of ${ROUNDS} more is ${ms(median(planned))}; parsing, once in a process, ${ms(parsing)}`,
    ],
  ];
};

export const benchPlanner = async (_product, scratch) => {
  const parts = await plannerParts(scratch);
  return [...(await benchGraph(parts)), ...(await benchCommit(parts))];
};
