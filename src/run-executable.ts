import { interruptEngines } from './adapters/duckdb/running-engines.js';
import { writeToStderr } from './adapters/logging/stderr-writer.js';
import { isTerminal, standardOutput } from './adapters/node/own-process/standard-output.js';
import { workingDirectory } from './adapters/node/own-process/working-directory.js';
import { main } from './cli/main.js';
import type { CliCapabilities, Terminal } from './cli/program.js';
import { withOwnMarks } from './domain/text/printable.js';

/**
 * Exit code after a signal. The first SIGINT, SIGTERM or SIGHUP asks what runs to stop; a later one ends the process, as
 * after a crash, unless it is busy with what must not be left half done. What comes close behind the first is the same wish: a key that
 * bounced, or a signal that both the terminal and a wrapper sent.
 */
const INTERRUPTED = 130;
/** Milliseconds; nothing happens after it. */
const A_LONG_TIME = 2 ** 30;
const interrupt = new AbortController();
let held = 0;
/** True once the program itself ends the process. */
let hasEnded = false;
/** Milliseconds. */
const SAME_WISH = 1_000;
let firstAt = 0;
const onSignal = (): void => {
  if (!interrupt.signal.aborted) {
    firstAt = performance.now();
    interrupt.abort();
    return;
  }
  if (held > 0 || performance.now() - firstAt < SAME_WISH) return;
  // At once, because the process ends before a stream would have written it.
  writeToStderr('pond: ended without waiting: pond control says whether the last write was committed\n');
  interruptEngines();
  hasEnded = true;
  process.exit(INTERRUPTED);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);

/** A user's module that ends the process has not done what the command was there for, whatever exit code it chose. */
const FAILED = 1;
process.on('exit', (code) => {
  if (hasEnded || code === FAILED) return;
  writeToStderr(
    `pond: code that was run has ended the process (process.exit(${code})): pond control says what is unfinished\n`,
  );
  process.exitCode = FAILED;
});

const output = standardOutput();

/** Standard input, not touched before something reads it: an open standard input would keep the process waiting. */
async function* standardInput(): AsyncGenerator<Uint8Array> {
  for await (const chunk of process.stdin) yield chunk;
}

/** Drops errors of the streams: what a write met shows in its outcome; without a listener it would end the process. */
const standardError = (): typeof process.stderr => {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
  return process.stderr;
};

const outIsTerminal = isTerminal(1);

const terminal: Terminal = {
  stdin: { [Symbol.asyncIterator]: standardInput },
  writeOut: output.write,
  outputError: output.error,
  writeErr: (text) => {
    standardError().write(withOwnMarks(text));
  },
  outIsTerminal,
  inIsTerminal: isTerminal(0),
  errIsTerminal: isTerminal(2),
  // Node's streams for these take longer to make than many a command: only where they are needed.
  outColumns: outIsTerminal ? process.stdout.columns : undefined,
  executable: process.argv.slice(0, 2),
  workingDirectory: workingDirectory(),
  environment: process.env,
  interrupt: interrupt.signal,
  withoutExit: async (work) => {
    held += 1;
    try {
      return await work();
    } finally {
      held -= 1;
    }
  },
  worksForLong: () =>
    void import('./adapters/node/own-process/optimise-later.js').then((module) => module.optimiseLater()),
};

/** Runs `pond` in this process, on its standard streams, and ends the process with its exit code. */
export const runExecutable = async (connect: CliCapabilities['connect']): Promise<never> => {
  // A factory may wait for what keeps no process alive. Ending then would look like having done it.
  setInterval(() => undefined, A_LONG_TIME);
  const code = await main(process.argv.slice(2), { terminal, connect });
  // Exiting by hand ends whatever a factory left running in the process; the process waits for threads of an engine.
  interruptEngines();
  hasEnded = true;
  // A process that had to end itself has not done what it was there for, however cleanly it ended.
  return process.exit(code === 0 ? (process.exitCode ?? code) : code);
};
