// Drives the built executable, for end-to-end tests. Builds nothing: `npm test` does, and `npm run build` by hand.

import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** Where commands are run that are told no other place. */
export const projectRoot = root;

/** What a finished `pond` said. */
export interface PondResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PondOptions {
  /** The pond, for `$POND`. */
  readonly pond?: string;
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; without it there is none. */
  readonly input?: string | Uint8Array;
  readonly workingDirectory?: string;
}

const newestFileIn = (folder: string): { readonly path: string; readonly changed: number } =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, changed: statSync(path).mtimeMs }))
    .reduce((newest, file) => (file.changed > newest.changed ? file : newest), { path: folder, changed: 0 });

/** Why the executable of a project cannot be tested, or null. */
export const whyNotBuilt = (project: string): string | null => {
  const executable = join(project, 'dist/pond.cjs');
  const built = statSync(executable, { throwIfNoEntry: false });
  if (built === undefined) return 'dist/pond.cjs is missing: run `npm run build`';
  const newest = newestFileIn(join(project, 'src'));
  if (newest.changed <= built.mtimeMs) return null;
  return `dist/pond.cjs is older than ${relative(project, newest.path)}: run \`npm run build\``;
};

let checked = false;
/** The built executable of this project, which must not be older than its sources. */
export const builtExecutable = (): string => {
  const problem = checked ? null : whyNotBuilt(root);
  if (problem !== null) throw new Error(problem);
  checked = true;
  return join(root, 'dist/pond.cjs');
};

/** The built library of this project, which must not be older than its sources. */
const library = (): Promise<typeof import('../../src/index.js')> => {
  builtExecutable();
  return import(join(root, 'dist/index.js'));
};

/** The environment without what would change how `pond` behaves. */
export const plainEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(POND|OTEL_|TRACE)/.test(name) && !['NO_COLOR', 'FORCE_COLOR', 'JOURNAL_STREAM'].includes(name),
    ),
  );

/** Runs `pond` to its end. An exit code other than 0 is a result, not an error. */
export const runPond = (args: readonly string[], options: PondOptions = {}): Promise<PondResult> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [builtExecutable(), ...args], {
      cwd: options.workingDirectory ?? root,
      env: {
        ...plainEnvironment(),
        ...(options.pond === undefined ? {} : { POND: options.pond }),
        ...options.env,
      },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', failed);
    child.on('close', (code) =>
      done({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    // A command that does not read its input may end before it is written: that is not a fault of the test.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || failed(error));
    child.stdin.end(options.input ?? '');
  });

/** A new pond in a temporary directory. */
export interface TempPond {
  /** The pond's directory. */
  readonly pond: string;
  /** A directory beside it, for files of the host. */
  readonly host: string;
  /** `pond ...` on this pond; an exit code other than the expected one (0) is an error that shows what was said. */
  readonly run: (
    args: readonly string[],
    options?: Omit<PondOptions, 'pond'> & { readonly expect?: number },
  ) => Promise<PondResult>;
  readonly remove: () => Promise<void>;
}

/** `pond ...` on a pond that is there; see {@link TempPond}. */
export const runOn =
  (
    pond: string,
    by: (
      args: readonly string[],
      options: PondOptions & { readonly pond: string },
    ) => Promise<PondResult> = runPond,
  ): TempPond['run'] =>
  async (args, { expect = 0, ...options } = {}) => {
    const result = await by(args, { ...options, pond });
    if (result.code === expect) return result;
    const command = ['pond', ...args].join(' ');
    throw new Error(
      `${command}: exit code ${result.code} instead of ${expect}\n${result.stdout}${result.stderr}`,
    );
  };

/** `by`: how its commands are run, `runPond` if not said; `callPond` runs them in the process of the test. */
export const tempPond = async (by: typeof runPond = runPond): Promise<TempPond> => {
  const host = await mkdtemp(join(tmpdir(), 'pond-steward-test-'));
  const pond = join(host, 'pond');
  // In this process, which takes a quarter of the time of another one.
  const made = await (await library()).Steward.init(pond, { cliArgs: ['init'] })();
  if (made._tag === 'Left') throw new Error(JSON.stringify(made.left));
  return { pond, host, run: runOn(pond, by), remove: () => rm(host, { recursive: true, force: true }) };
};
