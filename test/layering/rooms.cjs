// The house as data: floors, the rooms on them, and who may import whom. `rules.cjs` makes rules of it, and a test
// compares it with the tables of docs/architecture.md.

/** The floors of src, each with the others that it may import. What is not here does not exist. */
const floors = {
  domain: [],
  ports: ['domain'],
  effects: ['domain', 'ports'],
  planner: ['domain'],
  executor: ['domain', 'effects', 'planner', 'ports'],
  'host-plans': ['domain', 'effects', 'planner', 'ports', 'executor'],
  tinyfs: ['domain', 'effects', 'ports'],
  control: ['domain', 'ports'],
  tlogfs: ['domain', 'effects', 'ports', 'tinyfs', 'version'],
  factories: ['domain', 'effects', 'planner', 'ports', 'executor', 'host-plans', 'tinyfs'],
  trust: ['domain', 'planner', 'ports'],
  steward: [
    'domain',
    'effects',
    'planner',
    'ports',
    'executor',
    'host-plans',
    'tinyfs',
    'control',
    'tlogfs',
    'factories',
    'trust',
    'version',
  ],
  cli: [
    'domain',
    'effects',
    'planner',
    'ports',
    'executor',
    'host-plans',
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

/**
 * Floors that have rooms, and which of these may import which; `.` is the floor's own folder. `joints` are the files of
 * that folder which put the rooms together: they may import all of the floor, and no room may import them.
 */
const rooms = {
  domain: { arrows: { documents: [], paths: [], '.': ['documents', 'paths'] }, joints: [] },
  planner: { arrows: { graph: [], entries: [], '.': ['entries', 'graph'] }, joints: [] },
  executor: {
    arrows: { '.': [], 'all-or-nothing': ['.'], independent: ['.'] },
    joints: [],
  },
  'host-plans': {
    arrows: {
      operations: [],
      steps: ['operations'],
      kinds: ['operations', 'steps'],
      plan: ['operations', 'kinds'],
      journal: ['operations', 'steps', 'kinds'],
      '.': ['operations', 'steps', 'kinds', 'plan', 'journal'],
    },
    joints: [],
  },
  tinyfs: {
    arrows: { '.': [], tree: ['.'], reading: ['.', 'tree'], writing: ['.', 'tree', 'reading'] },
    joints: [],
  },
  control: {
    arrows: {
      '.': [],
      runners: ['.'],
      schema: ['.', 'runners'],
      tasks: ['.', 'runners'],
      transactions: ['.', 'runners', 'tasks'],
      check: ['.', 'schema', 'tasks', 'transactions'],
    },
    joints: ['open-control-table'],
  },
  tlogfs: {
    arrows: {
      '.': [],
      parquet: ['.'],
      contents: ['.'],
      log: ['.', 'parquet'],
      rows: ['.', 'parquet', 'log'],
      transactions: ['.', 'contents', 'log', 'rows'],
      check: ['.', 'parquet', 'log', 'rows'],
      maintenance: ['.', 'log', 'rows', 'transactions', 'check'],
    },
    joints: ['open-tlog', 'init-tlog', 'writing'],
  },
  factories: {
    arrows: {
      '.': [],
      registry: ['.'],
      user: ['.'],
      'built-in': ['.'],
      'built-in/command': ['.', 'registry', 'built-in'],
      'built-in/host-export': ['.', 'built-in'],
      'built-in/email': ['.', 'built-in', 'built-in/notices'],
      'built-in/notices': ['.', 'built-in'],
      'built-in/webhook': ['.', 'built-in', 'built-in/notices'],
    },
    joints: ['built-in', 'registering'],
  },
  steward: {
    arrows: {
      '.': [],
      settings: ['.'],
      discovery: ['.'],
      trust: ['.', 'settings', 'discovery'],
      pond: ['.', 'settings', 'discovery', 'trust'],
      approval: ['.', 'discovery', 'trust', 'pond'],
      planning: ['.', 'settings', 'discovery', 'pond'],
      tasks: ['.', 'discovery', 'pond', 'planning'],
      commit: ['.', 'discovery', 'trust', 'pond', 'planning', 'tasks'],
      recovery: ['.', 'settings', 'discovery', 'pond', 'tasks', 'commit'],
      fsck: ['.', 'pond', 'planning', 'recovery'],
    },
    joints: ['create-steward', 'acting-modules'],
  },
  cli: {
    arrows: {
      '.': [],
      words: ['.'],
      documents: ['.', 'words'],
      line: ['.'],
      pond: ['.', 'line', 'words', 'documents'],
      query: ['.', 'words', 'documents'],
      render: ['.', 'words', 'documents'],
      trace: ['.', 'words', 'documents'],
      copy: ['.', 'pond', 'words', 'query'],
      'commands/contents': ['.', 'line', 'pond', 'query', 'words', 'copy', 'documents', 'render'],
      'commands/steward': ['.', 'line', 'pond', 'words', 'documents', 'render', 'trace'],
      'commands/host': ['.', 'pond', 'words', 'render'],
      'commands/trust': ['.', 'pond', 'words'],
    },
    joints: ['main', 'run-command-line', 'parse-command-line', 'command-index'],
  },
  adapters: {
    arrows: {
      'node/files': [],
      confined: [],
      node: ['node/files'],
      memory: [],
      sqlite: [],
      duckdb: [],
      logging: ['node'],
    },
    joints: [],
  },
};

module.exports = { floors, rooms };
