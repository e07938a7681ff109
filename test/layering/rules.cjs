// Who may import whom (DESIGN: the house). Rules for dependency-cruiser; `npm run layering` applies them.

/** For each part of src the other parts that it may import. What is not here does not exist. */
const mayImport = {
  domain: [],
  planner: ['domain'],
  ports: ['domain'],
  executor: ['domain', 'planner', 'ports'],
  tinyfs: ['domain', 'ports'],
  control: ['domain', 'ports'],
  tlogfs: ['domain', 'ports', 'tinyfs', 'version'],
  factories: ['domain', 'planner', 'ports', 'executor', 'tinyfs'],
  steward: ['domain', 'planner', 'ports', 'executor', 'tinyfs', 'control', 'tlogfs', 'factories', 'version'],
  cli: [
    'domain',
    'planner',
    'ports',
    'executor',
    'tinyfs',
    'control',
    'tlogfs',
    'factories',
    'steward',
    'version',
  ],
  telemetry: ['domain', 'ports', 'version'],
  adapters: ['domain', 'ports'],
  version: [],
};

/** The files that join the parts, and so may import adapters and telemetry. */
const joints = ['composition-root', 'index', 'promises', 'run-executable', 'bin'];

const partsPattern = (parts) => `^src/(${parts.join('|')})(/|\\.ts$)`;

const arrows = Object.entries(mayImport).map(([part, others]) => ({
  name: `arrows-of-${part}`,
  comment:
    others.length === 0 ? `${part} imports nothing of ours` : `${part} may import ${others.join(', ')}`,
  severity: 'error',
  from: { path: partsPattern([part]) },
  to: { path: '^src/', pathNot: partsPattern([part, ...others]) },
}));

/** Packages and Node modules with effects, and the parts that wrap them. */
const onlyFrom = (name, modules, parts) => ({
  name: `${name}-only-from-${parts.join('-')}`,
  comment: `${name} may be imported from ${parts.join(' and ')} only`,
  severity: 'error',
  from: { path: '^src/', pathNot: partsPattern(parts) },
  to: { path: modules },
});

const inPackage = (pattern) => `(^|node_modules/(@types/)?)${pattern}(/|$)`;
const builtIn = (names) => `^(node:)?(${names.join('|')})(/|$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'no-unknown-part',
      comment: 'src has the parts that the table names, and no others',
      severity: 'error',
      from: { path: '^src/', pathNot: partsPattern([...Object.keys(mayImport), ...joints]) },
      to: {},
    },
    {
      name: 'command-line-only-from-bin',
      comment:
        'cli is imported by run-executable.ts only; the composition root knows cli/program.ts, which it fulfils',
      severity: 'error',
      from: { path: '^src/', pathNot: partsPattern(['cli', 'run-executable', 'composition-root']) },
      to: { path: '^src/cli/' },
    },
    {
      name: 'composition-root-knows-no-commands',
      comment: 'of cli the composition root knows only cli/program.ts',
      severity: 'error',
      from: { path: partsPattern(['composition-root']) },
      to: { path: '^src/cli/', pathNot: '^src/cli/program\\.ts$' },
    },
    onlyFrom('file system', builtIn(['fs']), ['adapters']),
    onlyFrom('child processes', builtIn(['child_process']), ['adapters']),
    onlyFrom(
      'threads and sockets',
      builtIn(['worker_threads', 'cluster', 'net', 'tls', 'dgram', 'http', 'https', 'http2']),
      ['adapters'],
    ),
    onlyFrom('databases', `${inPackage('better-sqlite3')}|${inPackage('@duckdb/[^/]+')}`, ['adapters']),
    onlyFrom('OpenTelemetry', inPackage('@opentelemetry/[^/]+'), ['telemetry']),
    {
      name: 'no-cycles',
      comment: 'types count, too: two files that need each other are one file, or miss a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a module that imports nothing and is imported by nothing is left over',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: partsPattern(joints) },
      to: {},
    },
    {
      name: 'nothing-unresolvable',
      comment: 'an import that leads nowhere would escape every other rule',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types are arrows, too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
