// The layering check is shown to fail: faults are planted in a copy of the sources, and each must be reported.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Sources = Readonly<Record<string, string>>;

const root = resolve(import.meta.dirname, '../..');
const copies: string[] = [];

const projectWith = (sources: Sources): string => {
  const project = mkdtempSync(join(tmpdir(), 'pond-steward-layering-'));
  copies.push(project);
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, file), join(project, file));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  for (const [file, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), source);
  }
  return project;
};

const copyWith = (planted: Sources): string => {
  const project = projectWith(planted);
  cpSync(join(root, 'src'), join(project, 'src'), { recursive: true });
  return project;
};

const check = (project: string) => {
  const program = join(root, 'test/layering/check.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, project], { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
};

const faults: readonly { readonly title: string; readonly planted: Sources; readonly found: string }[] = [
  {
    title: 'the domain importing an adapter',
    planted: {
      'src/domain/low.ts': "import { high } from '../adapters/high.js';\nexport const low = high;\n",
      'src/adapters/high.ts': 'export const high = 1;\n',
    },
    found: 'arrows-of-domain: src/domain/low.ts -> src/adapters/high.ts',
  },
  {
    title: 'the planner importing no more than a type of the executor',
    planted: {
      'src/planner/typed.ts':
        "import type { Late } from '../executor/late.js';\nexport const early: Late = 1;\n",
      'src/executor/late.ts': 'export type Late = number;\n',
    },
    found: 'arrows-of-planner: src/planner/typed.ts -> src/executor/late.ts',
  },
  {
    title: 'the steward importing telemetry',
    planted: {
      'src/steward/traced.ts': "import { span } from '../telemetry/span.js';\nexport const traced = span;\n",
      'src/telemetry/span.ts': 'export const span = 1;\n',
    },
    found: 'arrows-of-steward: src/steward/traced.ts -> src/telemetry/span.ts',
  },
  {
    title: 'a cycle inside one part',
    planted: {
      'src/control/hen.ts': "import { egg } from './egg.js';\nexport const hen = () => egg;\n",
      'src/control/egg.ts': "import { hen } from './hen.js';\nexport const egg = () => hen;\n",
    },
    found: 'no-cycles: src/control/egg.ts -> src/control/hen.ts -> src/control/egg.ts',
  },
  {
    title: 'the control table importing node:fs',
    planted: { 'src/control/reads.ts': "import { statSync } from 'node:fs';\nexport const s = statSync;\n" },
    found: 'file system-only-from-adapters: src/control/reads.ts -> fs',
  },
  {
    title: 'a factory starting processes by itself',
    planted: {
      'src/factories/starts.ts': "import { spawn } from 'node:child_process';\nexport const s = spawn;\n",
    },
    found: 'child processes-only-from-adapters: src/factories/starts.ts -> child_process',
  },
  {
    title: 'the control table importing its database',
    planted: {
      'src/control/opens.ts': "import Database from 'better-sqlite3';\nexport const d = Database;\n",
    },
    found: 'databases-only-from-adapters: src/control/opens.ts -> ',
  },
  {
    title: 'DuckDB loaded on demand outside the adapters',
    planted: { 'src/cli/queries.ts': "export const load = () => import('@duckdb/node-api');\n" },
    found: 'databases-only-from-adapters: src/cli/queries.ts -> ',
  },
  {
    title: 'the executor importing OpenTelemetry',
    planted: {
      'src/executor/traces.ts': "import { trace } from '@opentelemetry/api';\nexport const t = trace;\n",
    },
    found: 'OpenTelemetry-only-from-telemetry: src/executor/traces.ts -> ',
  },
  {
    title: 'the steward importing the command line',
    planted: {
      'src/steward/asks.ts': "import type { Program } from '../cli/program.js';\nexport type P = Program;\n",
    },
    found: 'command-line-only-from-bin: src/steward/asks.ts -> src/cli/program.ts',
  },
  {
    title: 'a part that the table does not know',
    planted: {
      'src/utils/misc.ts':
        "import type { Json } from '../domain/documents/json.js';\nexport type Misc = Json;\n",
    },
    found: 'no-unknown-part: src/utils/misc.ts -> src/domain/documents/json.ts',
  },
  {
    title: 'an arrow between two rooms of a floor that the rules do not have',
    planted: {
      'src/steward/settings/early.ts':
        "import { late } from '../commit/late.js';\nexport const early = late;\n",
      'src/steward/commit/late.ts': 'export const late = 1;\n',
    },
    found: 'arrows-of-steward/settings: src/steward/settings/early.ts -> src/steward/commit/late.ts',
  },
  {
    title: "a floor's own folder importing a room that is above it",
    planted: {
      'src/tlogfs/below.ts': "import { above } from './rows/above.js';\nexport const below = above;\n",
      'src/tlogfs/rows/above.ts': 'export const above = 1;\n',
    },
    found: 'arrows-of-tlogfs/.: src/tlogfs/below.ts -> src/tlogfs/rows/above.ts',
  },
  {
    title: 'a room that the table does not know',
    planted: {
      'src/steward/attic/box.ts': "import { late } from '../commit/late.js';\nexport const box = late;\n",
    },
    found: 'no-unknown-room-of-steward: src/steward/attic/box.ts -> src/steward/commit/late.ts',
  },
  {
    title: 'a room importing a joint of its floor',
    planted: {
      'src/steward/pond/around.ts':
        "import { createSteward } from '../create-steward.js';\nexport const around = createSteward;\n",
    },
    found: 'arrows-of-steward/pond: src/steward/pond/around.ts -> src/steward/create-steward.ts',
  },
  {
    title: 'a folder on a floor that has no rooms',
    planted: {
      'src/ports/more/clock.ts': "import type { Clock } from '../clock.js';\nexport type C = Clock;\n",
    },
    found: 'no-rooms-of-ports: src/ports/more/clock.ts -> src/ports/clock.ts',
  },
  {
    title: 'a module that nothing uses',
    planted: { 'src/domain/lonely.ts': 'export const lonely = 1;\n' },
    found: 'no-orphans: src/domain/lonely.ts',
  },
  {
    title: 'an import that leads nowhere',
    planted: { 'src/domain/lost.ts': "export { nothing } from './not-there.js';\n" },
    found: 'nothing-unresolvable: src/domain/lost.ts -> ./not-there.js',
  },
];

let output = '';
beforeAll(() => {
  const everyFault = Object.assign({}, ...faults.map(({ planted }) => planted));
  output = check(copyWith(everyFault)).output;
});

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

test.each(faults)('layering reports $title', ({ found }) => {
  expect(output).toContain(found);
});

test('one fault is enough to fail the layering check', () => {
  const files = Array.from({ length: 40 }, (_, index) => [
    `src/domain/sound-${index}.ts`,
    `import type { Sound } from './${index === 0 ? 'sound' : `sound-${index - 1}`}.js';\nexport type S = Sound;\n`,
  ]);
  const sound: Sources = {
    ...Object.fromEntries(files),
    'src/domain/sound.ts': 'export type Sound = 1;\n',
  };
  expect(check(projectWith(sound))).toMatchObject({ code: 0 });
  const [fault] = faults;
  expect(check(projectWith({ ...sound, ...fault?.planted }))).toMatchObject({ code: 1 });
});

test('layering refuses to judge sources that it did not see', () => {
  const unseen = projectWith({ 'src/domain/only.ts': 'export const only = 1;\n' });
  expect(check(unseen)).toMatchObject({ code: 1, output: expect.stringContaining('no result') });
});
