// What the documentation shows is compiled against the built package as a user would, and run.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryPoints } from '../build/entry-points.mjs';
import { tsc } from '../build/tsc.mjs';

const root = resolve(import.meta.dirname, '../..');
// Inside the project, so that `pond-steward` is this package; in `dist`, which is not kept.
const folder = join(root, 'dist/examples');
const ponds = mkdtempSync(join(tmpdir(), 'pond-examples-'));

/** A pond's directory in an example, as one that is this test's own. */
const inPond = (code: string, name: string): string =>
  code.replaceAll('/tmp/my-pond', join(ponds, name)).replaceAll('/srv/site', ponds);

const exampleIn = (document: string): string => {
  const block = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, document), 'utf8'))?.[1];
  if (block === undefined) throw new Error(`${document} has no library example`);
  return block;
};

/** The `@example`s of a source file's doc comments. */
const examplesOf = (file: string): readonly string[] =>
  examplesIn(readFileSync(join(root, 'src', file), 'utf8'));

const examplesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)]
    .map(([comment]) => comment.split('@example')[1])
    .filter((example) => example !== undefined)
    .map((example) =>
      example
        .replace(/\*\/$/, '')
        .split('\n')
        .map((line) => line.replace(/^\s*\* ?/, ''))
        .join('\n'),
    );

/** Each example that the reference of an entry point shows, with what it needs of that entry point, or of fp-ts. */
const referenceExamples = (entryPoint: string): Record<string, string> => {
  const declarations = readFileSync(join(root, `dist/${entryPoint}.d.ts`), 'utf8');
  const exported = [...declarations.matchAll(/^export declare (?:const|class) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
  const from = entryPoint === 'index' ? 'pond-steward' : `pond-steward/${entryPoint}`;
  return Object.fromEntries(
    examplesIn(declarations).map((example, at) => {
      const used = exported.filter((name) => new RegExp(`\\b${name}\\b`).test(example));
      return [
        `reference-${entryPoint}-${at}.ts`,
        `${FP_TS}import { ${used.join(', ')} } from '${from}';\n${example}`,
      ];
    }),
  );
};

const FP_TS = `import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
`;
const TASK_EITHER = `${FP_TS}import { hostPlans, planHostOperations, Steward, severityOf } from 'pond-steward';
`;
const PROMISES = `import { Steward } from 'pond-steward/promises';
`;

const EXECUTOR = `import { createHostExecutor, createMemoryFileSystem, memoryCheckpointStore, planHostOperations } from 'pond-steward/executor';
`;

const TESTING = `import { createMemoryPond } from 'pond-steward/testing';
`;

const files: Record<string, string> = {};

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  files['readme.ts'] = inPond(exampleIn('README.md'), 'readme');
  files['engine.ts'] = exampleIn('docs/executor.md');
  files['testing.ts'] = exampleIn('docs/testing.md');
  files['memory-pond.ts'] = TESTING + examplesOf('memory-pond.ts').join('\n');
  files['executor.ts'] = EXECUTOR + examplesOf('standalone-executor.ts').join('\n');
  files['index.ts'] = TASK_EITHER + inPond(examplesOf('index.ts').join('\n'), 'index');
  files['promises.ts'] = PROMISES + inPond(examplesOf('promises.ts').join('\n'), 'promises');
  for (const entryPoint of Object.keys(entryPoints)) Object.assign(files, referenceExamples(entryPoint));
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: false, outDir: 'out', noUnusedLocals: false },
      include: ['*.ts'],
    }),
  );
  const [program, ...args] = tsc(root, '-p', folder);
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'inherit', 'inherit'] });
}, 120_000);

afterAll(() => {
  rmSync(ponds, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

const runExample = (name: string) =>
  spawnSync(process.execPath, [join(folder, 'out', name)], {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(ponds, 'state') },
  });

test('the README shows a library example that compiles and does what it says', () => {
  const { status, stdout, stderr } = runExample('readme.js');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toBe('2 []\ntime,celsius\n07:00,4.5\n\n');
});

test.each(['index', 'promises'])('the examples in the doc comments of %s compile and run', (name) => {
  expect(files[`${name}.ts`]?.match(/Steward\.\w+\(/g)?.length).toBeGreaterThanOrEqual(2);
  const { status, stderr } = runExample(`${name}.js`);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('a plan of three links that fails in the middle takes 25 lines: it is rolled back, and its spans and lines can be seen', () => {
  expect(files['engine.ts']?.trim().split('\n').length).toBeLessThanOrEqual(25);
  const { status, stdout, stderr } = runExample('engine.js');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain("code: 'ENOSPC'");
  expect(stdout).toContain("[ 'a', 'b' ]");
  expect(stdout).toContain("{ _tag: 'Right', right: [] }");
  expect(stdout).toContain("'executor.Rollback'");
  expect(stdout).toContain("[ 'executing_plan', 'execution_failed_rolling_back' ]");
});

test('every example that the reference shows compiles with what its entry point exports', () => {
  const examples = Object.keys(files).filter((name) => name.startsWith('reference-'));
  for (const entryPoint of Object.keys(entryPoints)) {
    expect(examples).toContain(`reference-${entryPoint}-0.ts`);
  }
  for (const name of examples) expect(existsSync(join(folder, 'out', name.replace('.ts', '.js')))).toBe(true);
});

test('the example in the doc comments of the executor compiles and runs', () => {
  expect(files['executor.ts']).toContain('createHostExecutor({');
  expect(runExample('executor.js')).toMatchObject({ status: 0, stderr: '' });
});

test('a factory is tested as the documentation shows: its task is planned and runs, time is what was set, and a full disk changes nothing', () => {
  const { status, stdout, stderr } = runExample('testing.js');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toEqual([
    '2030-01-01T00:00:00.000Z: completed, counted 1',
    'planned: /etc/system.d/10-count',
    'counted 1,3',
    expect.stringMatching(/^failed: .*ENOSPC/),
    'still 14 bytes',
  ]);
});

test('the example in the doc comments of the pond in memory compiles and runs', () => {
  expect(files['memory-pond.ts']).toContain('createMemoryPond()');
  expect(runExample('memory-pond.js')).toMatchObject({ status: 0, stderr: '' });
});
