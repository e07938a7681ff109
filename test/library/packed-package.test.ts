// The package as it is published, seen by strangers: what is in the tarball, and whether all of its types can be written
// down with the names that it exports.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryPoints } from '../build/entry-points.mjs';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Namings, namingsOf } from './exported-names.js';

const root = resolve(import.meta.dirname, '../..');
const project = temporaryFolder('packed');
const modules = join(project, 'node_modules');
const installed = join(modules, 'pond-steward');

const npm = (...args: readonly string[]) =>
  execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** A project that has the packed package, and what that depends on from here. */
beforeAll(() => {
  const [packed] = JSON.parse(npm('pack', '--json', '--ignore-scripts', '--pack-destination', project));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed.filename), '-C', installed, '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const declarations = entries.map((entry) => join(installed, `dist/${entry}.d.ts`));
  const found = namingsOf(
    Object.fromEntries(entries.map((entry, at) => [declarations[at] ?? '', nameOf(entry)])),
  );
  namings = Object.fromEntries(entries.map((entry, at) => [entry, found[at] as Namings]));
}, 120_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

const nameOf = (entry: string) => (entry === 'index' ? 'pond-steward' : `pond-steward/${entry}`);

/** Type-checks files of the project as a strict user of TypeScript would. */
const check = (files: Readonly<Record<string, string>>, moduleResolution: 'nodenext' | 'bundler'): string => {
  const folder = join(project, moduleResolution);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution,
    // The declarations of the package are checked, too; once is enough.
    skipLibCheck: moduleResolution === 'bundler',
    exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  }
};

const entries = Object.keys(entryPoints);

/** What each entry point exports, as programs that write it down. */
let namings: Readonly<Record<string, Namings>> = {};

test('the tarball has a declaration of each entry point, and no other', () => {
  const declared = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.d.ts') || file.endsWith('.d.mts') || file.endsWith('.d.cts'),
  );
  expect(declared.toSorted()).toEqual(entries.map((entry) => `dist/${entry}.d.ts`).toSorted());
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(Object.keys(exports).filter((key) => key !== './package.json')).toEqual(
    entries.map((entry) => (entry === 'index' ? '.' : `./${entry}`)),
  );
});

test('parameters and results of every exported function mention types that are exported', () => {
  for (const [entry, { functions, unnamed }] of Object.entries(namings)) {
    expect(unnamed, entry).toEqual([]);
    expect(functions.length, entry).toBeGreaterThanOrEqual(3);
  }
});

/** A path, a factory and a logger of one entry point, where another one wants them. */
const ACROSS = `import type { Factory, Logger, PondPath, Steward } from 'pond-steward';
import type * as executor from 'pond-steward/executor';
import * as promises from 'pond-steward/promises';
import * as testing from 'pond-steward/testing';
declare const factory: Factory;
declare const path: promises.PondPath;
export const same: PondPath = path;
export const opened: Promise<promises.PromisedSteward> = promises.Steward.open('/p', { factories: [factory] });
export const made: Promise<testing.MemoryPond> = testing.createMemoryPond({ factories: [factory] });
export const steward: Promise<Steward> = made.then((pond) => pond.steward);
export const logger: executor.Logger = testing.recordingLogger().logger satisfies Logger;
export const files: executor.HostFileSystem = testing.createMemoryFileSystem().files;
`;

test.each(['nodenext', 'bundler'] as const)(
  'parameters and results are written down with exported names only, and entry points share their types, by %s resolution',
  (moduleResolution) => {
    const names = Object.entries(namings).map(([entry, { text }]) => [`names-of-${entry}.ts`, text]);
    expect(check({ ...Object.fromEntries(names), 'across.ts': ACROSS }, moduleResolution)).toBe('');
  },
  120_000,
);
