import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { builtExecutable } from '../../support/pond-cli.js';
import type { PlantedFault } from './pond-that-dies.js';

const root = resolve(import.meta.dirname, '../../..');

/** Two executables from the same sources. */
export interface BuiltPonds {
  /** The product. */
  readonly pond: string;
  /** See `pond-that-dies.ts`. */
  readonly dying: string;
  /** See `pond-whose-clock-jumps.ts`. */
  readonly jumping: string;
  /** See `writing-program.ts`. */
  readonly program: string;
}

interface BuildModules {
  readonly esbuildOptions: (given: {
    readonly root: string;
    readonly entryPoints: Readonly<Record<string, string>>;
    readonly outdir: string;
    readonly version: string;
  }) => BuildOptions;
  readonly buildExecutable: (given: {
    readonly root: string;
    readonly outdir: string;
    readonly version: string;
    readonly source: string;
    readonly define: Readonly<Record<string, string>>;
    readonly codeCache: boolean;
  }) => Promise<{ readonly executable: string }>;
}

const buildModule = <Name extends keyof BuildModules>(name: string): Promise<Pick<BuildModules, Name>> =>
  import(pathToFileURL(join(root, 'test/build', name)).href);

const VERSION = '0.0.0-test';

export interface BuildChoice {
  /** Default: none. */
  readonly fault?: PlantedFault;
  /** Whether so few of them die that filling a code cache would take longer than they do. Default false. */
  readonly fewDie?: boolean;
}

const building = new Map<string, Promise<BuiltPonds>>();

/** Builds what dies, once for all files of tests that share this process. */
export const buildPonds = ({ fault = 'none', fewDie = false }: BuildChoice = {}): Promise<BuiltPonds> => {
  const key = `${fault} ${fewDie}`;
  const built = building.get(key) ?? builtWith(fault, fewDie);
  building.set(key, built);
  return built;
};

const builtWith = async (fault: PlantedFault, fewDie: boolean): Promise<BuiltPonds> => {
  const { esbuildOptions } = await buildModule<'esbuildOptions'>('esbuild-options.mjs');
  const { buildExecutable } = await buildModule<'buildExecutable'>('executable.mjs');
  const outdir = await mkdtemp(join(tmpdir(), 'pond-crash-built-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const ofDying = join(outdir, 'dying');
  await mkdir(ofDying);
  await writeFile(join(outdir, 'package.json'), '{ "type": "module" }');
  // What is left outside of the bundles is found from here.
  await symlink(join(root, 'node_modules'), join(outdir, 'node_modules'));
  const { executable } = await buildExecutable({
    root,
    outdir: ofDying,
    version: VERSION,
    source: 'test/crash/machinery/pond-that-dies.ts',
    define: { __PLANTED_FAULT__: JSON.stringify(fault) },
    // With a fault in it, it does not do what fills the cache.
    codeCache: fault === 'none' && !fewDie,
  });
  const options = esbuildOptions({
    root,
    entryPoints: {
      jumping: 'test/crash/machinery/pond-whose-clock-jumps.ts',
      program: 'test/soak/writing-program.ts',
    },
    outdir,
    version: VERSION,
  });
  await build({ ...options, metafile: false });
  return {
    pond: builtExecutable(),
    dying: executable,
    jumping: join(outdir, 'jumping.js'),
    program: join(outdir, 'program.js'),
  };
};

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Starting {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, which is then closed; null keeps it open. Without it there is none. */
  readonly input?: string | Uint8Array | null;
}

/** A process under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  readonly said: () => string;
}

/** The environment without what would change how `pond` behaves. */
export const plainEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(POND|OTEL_|TRACE)/.test(name) && !['NO_COLOR', 'FORCE_COLOR'].includes(name),
    ),
  );

/** Starts an executable on the pond in `directory`. */
export const start = (
  executable: string,
  directory: string,
  args: readonly string[],
  { env = {}, input = '' }: Starting = {},
): Running => {
  const child = spawn(process.execPath, [executable, ...args], {
    cwd: root,
    env: { ...plainEnvironment(), POND: directory, ...env },
    stdio: 'pipe',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const said = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
  const ended = new Promise<Ended>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal, stdout: said(stdout), stderr: said(stderr) }));
    child.stdin.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || failed(error));
  });
  if (input !== null) child.stdin.end(input);
  if (child.pid === undefined) throw new Error(`${executable} was not started`);
  return { child, pid: child.pid, ended, said: () => said(stdout) + said(stderr) };
};

/** Runs an executable to its end. */
export const run = (
  executable: string,
  directory: string,
  args: readonly string[],
  starting: Starting = {},
): Promise<Ended> => start(executable, directory, args, starting).ended;

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
