// The command line in the process of the test, on the live adapters: the same program as the executable, without the
// start of a process, which is most of what a small command costs. What is about processes, signals, standard streams, modules
// that change or the environment of OpenTelemetry runs the executable instead (`pond-cli.ts`).

import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { createLogger } from '../../src/adapters/logging/json-logger.js';
import { main } from '../../src/cli/main.js';
import type { CliCapabilities, Terminal } from '../../src/cli/program.js';
import { assemble, connect } from '../../src/composition-root.js';
import { livePorts } from '../../src/live-ports.js';
import { environmentOf, pondAs, type Somebody } from './pond-as.js';
import { type PondOptions, type PondResult, plainEnvironment, projectRoot } from './pond-cli.js';

/** Runs `work` with another environment and working directory, and gives back both. */
const surroundedBy = async <A>(
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
  work: () => Promise<A>,
): Promise<A> => {
  const [environmentBefore, directoryBefore] = [{ ...process.env }, process.cwd()];
  setEnvironment(environment);
  process.chdir(workingDirectory);
  try {
    return await work();
  } finally {
    setEnvironment(environmentBefore);
    process.chdir(directoryBefore);
  }
};

const setEnvironment = (wanted: Readonly<Record<string, string | undefined>>): void => {
  for (const name of Object.keys(process.env)) if (wanted[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) process.env[name] = value;
};

async function* inputOf(input: string | Uint8Array): AsyncGenerator<Uint8Array> {
  if (input.length > 0) yield Buffer.from(input);
}

/** The calls before: environment and working directory are the process's, so one command follows another. */
let previous: Promise<unknown> = Promise.resolve();

/** What is particular to a call that is made in this process. */
export interface CallOptions extends PondOptions {
  /** The signal that Ctrl-C gives. Default: nobody presses it. */
  readonly interrupt?: AbortSignal;
  /** Hears what is written to standard error, which is a terminal then. */
  readonly onTerminal?: (text: string) => void;
}

/** Runs `pond` to its end in this process. An exit code other than 0 is a result, not an error. */
export const callPond = (args: readonly string[], options: CallOptions = {}): Promise<PondResult> =>
  callPondIn(
    {
      ...plainEnvironment(),
      ...(options.pond === undefined ? {} : { POND: options.pond }),
      ...options.env,
    },
    args,
    options,
  );

/**
 * The same on the program of the executable, which sends its spans where `options.env` says, as a process does. What is logged goes to
 * the standard error of this process; counts are those of the first such call only.
 */
export const callTracedPond = (
  args: readonly string[],
  { env = {}, pond, ...options }: PondOptions & { readonly pond: string },
): Promise<PondResult> =>
  callPondIn({ ...plainEnvironment(), POND: pond, ...env }, args, {
    ...options,
    by: async (asked) => {
      const program = await connect(asked);
      return {
        ...program,
        flush: async () => {
          await program.flush?.();
          for (const api of [trace, metrics, logs]) api.disable();
        },
      };
    },
  });

type InCall = Pick<CallOptions, 'input' | 'workingDirectory' | 'interrupt' | 'onTerminal'> & {
  readonly by?: CliCapabilities['connect'];
};

/** The same, with an environment that has nothing but what is given. */
const callPondIn = (
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
  options: InCall = {},
): Promise<PondResult> => {
  const result = previous.then(() => called(environment, args, options));
  previous = result.catch(() => undefined);
  return result;
};

const called = (
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
  { workingDirectory = projectRoot, input = '', by, interrupt, onTerminal }: InCall,
): Promise<PondResult> =>
  surroundedBy(environment, workingDirectory, async () => {
    const stdout: Buffer[] = [];
    let stderr = '';
    const terminal: Terminal = {
      stdin: inputOf(input),
      writeOut: async (data) => {
        stdout.push(Buffer.from(data));
        return true;
      },
      writeErr: (text) => {
        stderr += text;
        onTerminal?.(text);
      },
      outIsTerminal: false,
      inIsTerminal: false,
      errIsTerminal: onTerminal !== undefined,
      workingDirectory,
      environment: process.env,
      interrupt: interrupt ?? new AbortController().signal,
    };
    const write = (line: string): void => {
      stderr += line;
    };
    const inHere: CliCapabilities['connect'] = async ({ level }) =>
      assemble(
        livePorts(createLogger({ level: level ?? 'warn', ofTasks: level === null, pretty: false, write })),
      );
    const code = await main(args, { terminal, connect: by ?? inHere });
    return { code, stdout: Buffer.concat(stdout).toString(), stderr };
  });

/** Runs `pond` as somebody: in this process where that is the user who runs the tests, with another home. */
export const callPondAs = async (
  who: Somebody,
  pond: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PondResult> =>
  who.id === null
    ? callPondIn(environmentOf(who, pond, env), args, { workingDirectory: '/' })
    : pondAs(who, pond, args, env);
