// `node test/build/node-versions.mjs VERSION...`: the demo and the fast tests on other versions of Node. Each is brought
// by the package `node-PLATFORM-ARCHITECTURE`, headers included, and works in a copy of the project, where the packages with
// native code are built for it. A version that cannot be installed or built for is said, and is not a failure; all else is.

import './ensure-installed.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Packages whose native code is for one version of Node. DuckDB's is not. */
const NATIVE = ['better-sqlite3'];

const LEFT_OUT = ['node_modules', 'dist', 'coverage', '.git'];

const scratch = mkdtempSync(join(tmpdir(), 'pond-node-versions-'));

const run = (program, args, { cwd, env = {}, quiet = false }) => {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
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
  const { succeeded, ended, said } = run('npm', args, { cwd: folder, quiet: true });
  const found = join(folder, 'node_modules', name);
  if (succeeded && existsSync(join(found, 'bin/node'))) return found;
  console.log(`Node ${version} is NOT TRIED: npm install ${name}@${version}: ${ended}\n${said.trimEnd()}`);
  return null;
};

/** The project without what is built, and with packages that are the project's own, but for the native ones. */
const copyProject = () => {
  const project = join(scratch, 'project');
  cpSync(root, project, {
    recursive: true,
    filter: (path) => !LEFT_OUT.some((name) => path === join(root, name)),
  });
  mkdirSync(join(project, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => !NATIVE.includes(name))) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  return project;
};

const tryVersion = (version, project) => {
  console.log(`\n==== Node ${version}\n`);
  const node = install(version);
  if (node === null) return 'not tried';
  const env = {
    PATH: join(node, 'bin') + delimiter + process.env.PATH,
    npm_config_nodedir: node,
    // What could be downloaded instead would be for the Node that npm was made for.
    npm_config_build_from_source: 'true',
    JOBS: '2',
  };
  for (const name of NATIVE) {
    const folder = join(project, 'node_modules', name);
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(root, 'node_modules', name), folder, {
      recursive: true,
      filter: (path) => path !== join(root, 'node_modules', name, 'build'),
    });
    const { succeeded, ended, said } = run('npm', ['run', 'install'], { cwd: folder, env, quiet: true });
    if (!succeeded) {
      console.log(
        `Node ${version} is NOT TRIED: ${name} could not be built for it: ${ended}\n${said.trimEnd()}`,
      );
      return 'not tried';
    }
  }
  const steps = [
    ['the demo', 'test/demo/main-job.mjs'],
    ['the fast tests', 'test/build/everything.mjs', '--fast'],
  ];
  const program = join(node, 'bin/node');
  console.log(run(program, ['--version'], { cwd: project, env, quiet: true }).said.trim());
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
  rmSync(scratch, { recursive: true, force: true });
}
