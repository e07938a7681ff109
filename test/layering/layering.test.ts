// The layering check is shown to fail: faults are planted in a small project, and each must be reported.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeLayering } from './judge-layering.mjs';

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

const faults: readonly { readonly title: string; readonly planted: Sources; readonly said: string }[] = [
  {
    title: 'the domain importing an adapter',
    planted: {
      'src/domain/low.ts': "import { high } from '../adapters/high.js';\nexport const low = high;\n",
      'src/adapters/high.ts': 'export const high = 1;\n',
    },
    said: 'arrows-of-domain: src/domain/low.ts -> src/adapters/high.ts',
  },
  {
    title: 'the planner importing no more than a type of the executor',
    planted: {
      'src/planner/typed.ts':
        "import type { Late } from '../executor/late.js';\nexport const early: Late = 1;\n",
      'src/executor/late.ts': 'export type Late = number;\n',
    },
    said: 'arrows-of-planner: src/planner/typed.ts -> src/executor/late.ts',
  },
  {
    title: 'the steward importing telemetry',
    planted: {
      'src/steward/traced.ts': "import { span } from '../telemetry/span.js';\nexport const traced = span;\n",
      'src/telemetry/span.ts': 'export const span = 1;\n',
    },
    said: 'arrows-of-steward: src/steward/traced.ts -> src/telemetry/span.ts',
  },
  {
    title: 'a cycle inside one part',
    planted: {
      'src/control/hen.ts': "import { egg } from './egg.js';\nexport const hen = () => egg;\n",
      'src/control/egg.ts': "import { hen } from './hen.js';\nexport const egg = () => hen;\n",
    },
    said: 'no-cycles: src/control/egg.ts -> src/control/hen.ts -> src/control/egg.ts',
  },
  {
    title: 'the control table importing node:fs',
    planted: { 'src/control/reads.ts': "import { statSync } from 'node:fs';\nexport const s = statSync;\n" },
    said: 'file system-only-from-adapters: src/control/reads.ts -> fs',
  },
  {
    title: 'a factory starting processes by itself',
    planted: {
      'src/factories/starts.ts': "import { spawn } from 'node:child_process';\nexport const s = spawn;\n",
    },
    said: 'child processes-only-from-adapters: src/factories/starts.ts -> child_process',
  },
  {
    title: 'the control table importing its database',
    planted: {
      'src/control/opens.ts': "import Database from 'better-sqlite3';\nexport const d = Database;\n",
    },
    said: 'databases-only-from-adapters: src/control/opens.ts -> ',
  },
  {
    title: 'DuckDB loaded on demand outside the adapters',
    planted: { 'src/cli/queries.ts': "export const load = () => import('@duckdb/node-api');\n" },
    said: 'databases-only-from-adapters: src/cli/queries.ts -> ',
  },
  {
    title: 'the executor importing OpenTelemetry',
    planted: {
      'src/executor/traces.ts': "import { trace } from '@opentelemetry/api';\nexport const t = trace;\n",
    },
    said: 'OpenTelemetry-only-from-telemetry: src/executor/traces.ts -> ',
  },
  {
    title: 'the steward importing the command line',
    planted: {
      'src/steward/asks.ts': "import type { Program } from '../cli/program.js';\nexport type P = Program;\n",
    },
    said: 'command-line-only-from-bin: src/steward/asks.ts -> src/cli/program.ts',
  },
  {
    title: 'a part that the table does not know',
    planted: {
      'src/utils/misc.ts':
        "import type { Json } from '../domain/documents/json.js';\nexport type Misc = Json;\n",
    },
    said: 'no-unknown-part: src/utils/misc.ts -> src/domain/documents/json.ts',
  },
  {
    title: 'an arrow between two rooms of a floor that the rules do not have',
    planted: {
      'src/steward/settings/early.ts':
        "import { late } from '../commit/late.js';\nexport const early = late;\n",
      'src/steward/commit/late.ts': 'export const late = 1;\n',
    },
    said: 'arrows-of-steward/settings: src/steward/settings/early.ts -> src/steward/commit/late.ts',
  },
  {
    title: "a floor's own folder importing a room that is above it",
    planted: {
      'src/tlogfs/below.ts': "import { above } from './rows/above.js';\nexport const below = above;\n",
      'src/tlogfs/rows/above.ts': 'export const above = 1;\n',
    },
    said: 'arrows-of-tlogfs/.: src/tlogfs/below.ts -> src/tlogfs/rows/above.ts',
  },
  {
    title: 'a room that the table does not know',
    planted: {
      'src/steward/attic/box.ts': "import { late } from '../commit/late.js';\nexport const box = late;\n",
    },
    said: 'no-unknown-room-of-steward: src/steward/attic/box.ts -> src/steward/commit/late.ts',
  },
  {
    title: 'a room importing a joint of its floor',
    planted: {
      'src/steward/pond/around.ts':
        "import { createSteward } from '../create-steward.js';\nexport const around = createSteward;\n",
    },
    said: 'arrows-of-steward/pond: src/steward/pond/around.ts -> src/steward/create-steward.ts',
  },
  {
    title: 'a folder on a floor that has no rooms',
    planted: {
      'src/effects/more/later.ts': "import type { Now } from '../now.js';\nexport type Later = Now;\n",
      'src/effects/now.ts': 'export type Now = number;\n',
    },
    said: 'no-rooms-of-effects: src/effects/more/later.ts -> src/effects/now.ts',
  },
  {
    title: 'a module that nothing uses',
    planted: { 'src/domain/lonely.ts': 'export const lonely = 1;\n' },
    said: 'no-orphans: src/domain/lonely.ts',
  },
  {
    title: 'an import that leads nowhere',
    planted: { 'src/domain/lost.ts': "export { nothing } from './not-there.js';\n" },
    said: 'nothing-unresolvable: src/domain/lost.ts -> ./not-there.js',
  },
];

/** What the planted modules import of the sources. */
const around: Sources = Object.fromEntries([
  ...['domain/documents/json', 'cli/program', 'ports/clock', 'steward/create-steward'].map((name) => [
    `src/${name}.ts`,
    'export type Json = 1;\nexport type Program = 1;\nexport type Clock = 1;\nexport const createSteward = 1;\n',
  ]),
]);

let found = '';
beforeAll(async () => {
  found = (
    await judgeLayering(projectWith(Object.assign({}, around, ...faults.map(({ planted }) => planted))))
  ).text;
});

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

test.each(faults)('layering reports $title', ({ said }) => {
  expect(found).toContain(said);
});

test('one fault is enough to fail the layering check', async () => {
  const files = Array.from({ length: 40 }, (_, index) => [
    `src/domain/sound-${index}.ts`,
    `import type { Sound } from './${index === 0 ? 'sound' : `sound-${index - 1}`}.js';\nexport type S = Sound;\n`,
  ]);
  const sound: Sources = {
    ...Object.fromEntries(files),
    'src/domain/sound.ts': 'export type Sound = 1;\n',
  };
  expect(await judgeLayering(projectWith(sound))).toMatchObject({ isSound: true });
  const [fault] = faults;
  expect(await judgeLayering(projectWith({ ...sound, ...fault?.planted }))).toMatchObject({ isSound: false });
});

test('layering refuses to judge sources that it did not see', async () => {
  const unseen = projectWith({ 'src/domain/only.ts': 'export const only = 1;\n' });
  expect(await judgeLayering(unseen)).toMatchObject({
    isSound: false,
    text: expect.stringContaining('no result'),
  });
});
