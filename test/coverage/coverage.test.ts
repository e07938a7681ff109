// `npm run coverage` is shown to fail: lines that nobody reaches are counted, and too many of them are a failure.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

interface FileCoverage {
  readonly file: string;
  readonly total: number;
  readonly reached: number;
  readonly unreached: readonly number[];
}

interface ReachedCode {
  readonly reachedCode: (below: string) => {
    readonly collect: (folder: string) => number;
    readonly lines: () => ReadonlyMap<string, ReadonlySet<number>>;
  };
}

interface JudgeCoverage {
  readonly coverageOf: (
    inProcess: object,
    byOthers: ReadonlyMap<string, ReadonlySet<number>>,
  ) => FileCoverage[];
  readonly judgeCoverage: (
    files: readonly FileCoverage[],
    options: { readonly threshold: number; readonly floorOf: (file: FileCoverage) => string },
  ) => { readonly percent: number; readonly isEnough: boolean; readonly text: string };
}

const load = (name: string): Promise<unknown> => import(new URL(name, import.meta.url).href);
const { reachedCode } = (await load('./reached-code.mjs')) as ReachedCode;
const { coverageOf, judgeCoverage } = (await load('./judge-coverage.mjs')) as JudgeCoverage;

const PROGRAM = `const word = process.argv[2];
const greet = () => {
  console.log('hello');
};
const part = () => {
  console.log('farewell');
};
if (word === 'hello') greet();
if (word === 'farewell') part();
`;

/** A program in a folder, bundled with a source map, and what its processes leave. */
const setUp = async () => {
  const folder = temporaryFolder('coverage');
  const source = join(folder, 'src/program.ts');
  const reports = join(folder, 'reports');
  mkdirSync(join(folder, 'src'));
  mkdirSync(reports);
  writeFileSync(source, PROGRAM);
  await build({
    entryPoints: [source],
    outfile: join(folder, 'dist/program.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: 'external',
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'silent',
  });
  const code = reachedCode(join(folder, 'dist'));
  const run = (word: string) =>
    spawnSync(process.execPath, [join(folder, 'dist/program.cjs'), word], {
      env: { ...process.env, NODE_V8_COVERAGE: reports },
    });
  const reached = () => [...(code.lines().get(source) ?? [])].sort((a, b) => a - b);
  return { source, reports, code, run, reached };
};

test('of a process that a test starts the lines are counted that it reaches, and no others', async () => {
  const { reports, code, run, reached } = await setUp();
  run('hello');
  expect(code.collect(reports)).toBe(1);
  expect(reached()).toEqual(expect.arrayContaining([1, 3, 8, 9]));
  expect(reached()).not.toContain(6);
});

test('what one process does not reach another one may', async () => {
  const { reports, code, run, reached } = await setUp();
  run('hello');
  code.collect(reports);
  run('farewell');
  expect(code.collect(reports)).toBe(2);
  expect(reached()).toEqual(expect.arrayContaining([3, 6]));
});

/** A file with a statement on each of its lines, of which a test's own process has reached some. */
const tenLines = (file: string, reached: readonly number[]) => {
  const lines = Array.from({ length: 10 }, (_, index) => index + 1);
  return {
    [file]: {
      statementMap: Object.fromEntries(lines.map((line) => [line, { start: { line } }])),
      s: Object.fromEntries(lines.map((line) => [line, reached.includes(line) ? 3 : 0])),
    },
  };
};

const judge = (inProcess: object, byOthers: ReadonlyMap<string, ReadonlySet<number>>) =>
  judgeCoverage(coverageOf(inProcess, byOthers), { threshold: 90, floorOf: ({ file }) => file });

test('too many unreached lines are a failure that names them', () => {
  const report = judge(tenLines('a.ts', [1, 2, 3, 4, 5]), new Map([['a.ts', new Set([5, 6, 7, 8])]]));
  expect(report).toMatchObject({ percent: 80, isEnough: false });
  expect(report.text).toContain('2  a.ts: 9-10');
  expect(report.text).toContain('80.0 % of 10 lines are reached; at least 90 % must be');
});

test('enough reached lines are none', () => {
  const report = judge(tenLines('a.ts', [1, 2, 3, 4, 5]), new Map([['a.ts', new Set([6, 7, 8, 9])]]));
  expect(report).toMatchObject({ percent: 90, isEnough: true });
});

test('a file that nobody has loaded counts with all of its lines', () => {
  const report = judge(
    { ...tenLines('a.ts', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), ...tenLines('b.ts', []) },
    new Map(),
  );
  expect(report).toMatchObject({ percent: 50, isEnough: false });
});
