// Who may import whom, as rules for dependency-cruiser; `npm run layering` applies them. `rooms.cjs` has the data.

const { floors, rooms } = require('./rooms.cjs');

/** The files that join the parts, and so may import adapters and telemetry. */
const joints = [
  'composition-root',
  'live-ports',
  'index',
  'promises',
  'promised-steward',
  'pond-types',
  'standalone-executor',
  'testing',
  'memory-pond',
  'run-executable',
  'bin',
];

const partsPattern = (parts) => `^src/(${parts.join('|')})(/|\\.ts$)`;

const arrows = Object.entries(floors).map(([part, others]) => ({
  name: `arrows-of-${part}`,
  comment:
    others.length === 0 ? `${part} imports nothing of ours` : `${part} may import ${others.join(', ')}`,
  severity: 'error',
  from: { path: partsPattern([part]) },
  to: { path: '^src/', pathNot: partsPattern([part, ...others]) },
}));

/** The files of a room: `.` is the floor's own folder without its joints. */
const roomPattern = (floor, room) =>
  room === '.'
    ? `^src/${floor}/(?!(${['-', ...rooms[floor].joints].join('|')})\\.tsx?$)[^/]+\\.tsx?$`
    : `^src/${floor}/${room}/[^/]+\\.tsx?$`;

/** Arrows between the rooms of one floor. What is loaded on demand is not an arrow: it is loaded to avoid one. */
const innerArrows = Object.entries(rooms).flatMap(([floor, { arrows: inner }]) =>
  Object.entries(inner).map(([room, others]) => ({
    name: `arrows-of-${floor}/${room}`,
    comment:
      others.length === 0
        ? `on its floor ${floor}/${room} imports nothing`
        : `on its floor ${floor}/${room} may import ${others.join(', ')}`,
    severity: 'error',
    from: { path: roomPattern(floor, room) },
    to: {
      path: `^src/${floor}/`,
      pathNot: [room, ...others].map((other) => roomPattern(floor, other)),
      dynamic: false,
    },
  })),
);

const noUnknownRoom = Object.entries(rooms).map(([floor, { arrows: inner, joints: between }]) => ({
  name: `no-unknown-room-of-${floor}`,
  comment: `${floor} has the rooms that rooms.cjs names, and no others`,
  severity: 'error',
  from: {
    path: `^src/${floor}/`,
    pathNot: [
      ...Object.keys(inner).map((room) => roomPattern(floor, room)),
      ...between.map((file) => `^src/${floor}/${file}\\.tsx?$`),
    ],
  },
  to: {},
}));

/** A floor without rooms is one folder. */
const noRooms = Object.keys(floors)
  .filter((floor) => rooms[floor] === undefined)
  .map((floor) => ({
    name: `no-rooms-of-${floor}`,
    comment: `${floor} has no rooms in rooms.cjs`,
    severity: 'error',
    from: { path: `^src/${floor}/[^/]+/` },
    to: {},
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
    ...innerArrows,
    ...noUnknownRoom,
    ...noRooms,
    {
      name: 'no-unknown-part',
      comment: 'src has the floors that rooms.cjs names, and no others',
      severity: 'error',
      from: { path: '^src/', pathNot: partsPattern([...Object.keys(floors), ...joints]) },
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
    moduleSystems: ['es6', 'cjs'],
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: {
      // Nothing changes while it is looked at.
      cachedInputFileSystem: { cacheDuration: 600_000 },
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
