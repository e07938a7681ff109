// `node test/build/node-versions.mjs VERSION...`: the demo and the fast tests on other versions of Node. Each is brought
// by the package `node-PLATFORM-ARCHITECTURE`, headers included, and works in a copy of the project with an SQLite that is made for it.
// A version that cannot be installed, or for which SQLite cannot be made, is said to be NOT TRIED, and is not a failure; all else is.

import './ensure-installed.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The package whose native code is for one version of Node. DuckDB's is not. */
const NATIVE = 'better-sqlite3';

/** Milliseconds that a package, or what is prebuilt of it, is waited for. */
const PATIENCE = 180_000;

const LEFT_OUT = ['node_modules', 'dist', 'coverage', '.git'];

const scratch = mkdtempSync(join(tmpdir(), 'pond-node-versions-'));

const run = (program, args, { cwd, env = {}, quiet = false, timeout }) => {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    ...(timeout === undefined ? {} : { timeout }),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: quiet ? 'pipe' : ['ignore', 'inherit', 'inherit'],
  });
  const ended = error?.message ?? signal ?? `exit code ${status}`;
  return { succeeded: status === 0, ended, said: `${stdout ?? ''}${stderr ?? ''}` };
};

/** Returns the folder of the package, or null. */
const install = (version) => {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(scratch, `node-${version}`);
  mkdirSync(folder);
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`];
  const { succeeded, ended, said } = run('npm', args, { cwd: folder, quiet: true, timeout: PATIENCE });
  const found = join(folder, 'node_modules', name);
  if (succeeded && existsSync(join(found, 'bin/node'))) return found;
  console.log(`Node ${version} is NOT TRIED: npm install ${name}@${version}: ${ended}\n${said.trimEnd()}`);
  return null;
};

/** The project without what is built, and with packages that are the project's own, but for the native one. */
const copyProject = () => {
  const project = join(scratch, 'project');
  cpSync(root, project, {
    recursive: true,
    filter: (path) => !LEFT_OUT.some((name) => path === join(root, name)),
  });
  mkdirSync(join(project, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => name !== NATIVE)) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  return project;
};

/** Ways in which the native code comes about, the quickest first; each returns what `run` does. */
const waysToMake = [
  {
    name: 'prebuilt',
    make: ({ node, folder, env }) =>
      run(join(node, 'bin/node'), [join(root, 'node_modules/prebuild-install/bin.js')], {
        cwd: folder,
        env,
        quiet: true,
        timeout: PATIENCE,
      }),
  },
  {
    // Most of it is SQLite itself, which knows nothing of Node: that of the project's own installation is linked to.
    name: 'linked to the SQLite of this installation',
    make: ({ node, folder, env }) => {
      const built = join(root, 'node_modules', NATIVE, 'build/Release');
      mkdirSync(join(folder, 'build/Release'), { recursive: true });
      const args = [
        ...['-shared', '-fPIC', '-pthread', '-O2', '-fno-rtti', '-fno-exceptions', '-std=c++20'],
        ...[`-DNODE_GYP_MODULE_NAME=better_sqlite3`, '-DBUILDING_NODE_EXTENSION', '-DNDEBUG'],
        ...['-D_FILE_OFFSET_BITS=64', '-DUSING_UV_SHARED=1', '-DUSING_V8_SHARED=1'],
        ...['-I', join(node, 'include/node'), '-I', join(folder, 'deps/sqlite3')],
        ...['-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL'],
        ...[join(folder, 'src/better_sqlite3.cpp'), join(built, 'sqlite3.a')],
        ...['-o', join(folder, 'build/Release/better_sqlite3.node')],
      ];
      return run('g++', args, { cwd: folder, env, quiet: true });
    },
  },
  {
    name: 'compiled',
    make: ({ folder, env }) =>
      run('npm', ['run', 'install'], {
        cwd: folder,
        env: { ...env, npm_config_build_from_source: 'true', JOBS: '2' },
        quiet: true,
      }),
  },
];

const LOOKS = "new (require('better-sqlite3'))(':memory:').prepare('SELECT json(1)').get()";

/** Makes the native code for a version; returns the way in which it succeeded, or null. */
const makeNative = (node, project, env) => {
  const folder = join(project, 'node_modules', NATIVE);
  for (const { name, make } of waysToMake) {
    rmSync(folder, { recursive: true, force: true });
    const built = join(root, 'node_modules', NATIVE, 'build');
    cpSync(join(root, 'node_modules', NATIVE), folder, {
      recursive: true,
      filter: (path) => path !== built,
    });
    const made = make({ node, folder, env });
    const tried = made.succeeded
      ? run(join(node, 'bin/node'), ['-e', LOOKS], { cwd: project, env, quiet: true })
      : made;
    if (tried.succeeded) return name;
    console.log(
      `${NATIVE}, ${name}: ${tried.ended}\n${tried.said.trimEnd().split('\n').slice(-3).join('\n')}`,
    );
  }
  return null;
};

const tryVersion = (version, project) => {
  console.log(`\n==== Node ${version}\n`);
  const node = install(version);
  if (node === null) return 'not tried';
  const env = { PATH: join(node, 'bin') + delimiter + process.env.PATH, npm_config_nodedir: node };
  const way = makeNative(node, project, env);
  if (way === null) {
    console.log(`Node ${version} is NOT TRIED: ${NATIVE} could not be made for it`);
    return 'not tried';
  }
  const program = join(node, 'bin/node');
  const { said } = run(program, ['--version'], { cwd: project, env, quiet: true });
  console.log(`${said.trim()}, ${NATIVE}: ${way}`);
  const steps = [
    ['the build', 'test/build/bundle.mjs', '--without-declarations'],
    ['the demo', 'test/demo/main-job.mjs', '--built'],
    ['the fast tests', 'test/build/everything.mjs', '--fast', '--built'],
  ];
  for (const [what, ...args] of steps) {
    const { succeeded, ended } = run(program, args, { cwd: project, env });
    if (!succeeded) return `${what} failed (${ended})`;
  }
  return 'passed';
};

const versions = process.argv.slice(2);
if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
  console.error('usage: node test/build/node-versions.mjs VERSION...');
  process.exit(2);
}

try {
  const project = copyProject();
  const outcomes = versions.map((version) => ({ version, outcome: tryVersion(version, project) }));
  console.log('');
  for (const { version, outcome } of outcomes) console.log(`Node ${version}: ${outcome}`);
  process.exitCode = outcomes.every(({ outcome }) => ['passed', 'not tried'].includes(outcome)) ? 0 : 1;
} finally {
  // What was ended may still be writing.
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
