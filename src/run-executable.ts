import { main } from './cli/main.js';
import type { CliCapabilities, Terminal } from './cli/program.js';

/**
 * Signals: at the first SIGINT or SIGTERM what runs is asked to stop; at the second the process ends, as after a crash, unless
 * it is busy with what must not be left half done.
 */
const INTERRUPTED = 130;
/** Milliseconds; nothing happens after it. */
const A_LONG_TIME = 2 ** 30;
const interrupt = new AbortController();
let held = 0;
const onSignal = (): void => {
  if (interrupt.signal.aborted && held === 0) process.exit(INTERRUPTED);
  interrupt.abort();
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

// A reader that went away shows in the outcome of each write; without a listener it would end the process.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const writeOut: Terminal['writeOut'] = (data) =>
  new Promise((resolve) => {
    process.stdout.write(data, (error) => resolve(error === null || error === undefined));
  });

/** Standard input, not touched before something reads it: an open standard input would keep the process waiting. */
async function* standardInput(): AsyncGenerator<Uint8Array> {
  for await (const chunk of process.stdin) yield chunk;
}

const terminal: Terminal = {
  stdin: { [Symbol.asyncIterator]: standardInput },
  writeOut,
  writeErr: (text) => {
    process.stderr.write(text);
  },
  outIsTerminal: process.stdout.isTTY === true,
  inIsTerminal: process.stdin.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  outColumns: process.stdout.columns,
  workingDirectory: process.cwd(),
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
};

/** Runs `pond` in this process, on its standard streams, and ends the process with its exit code. */
export const runExecutable = async (connect: CliCapabilities['connect']): Promise<never> => {
  // A factory may wait for what keeps no process alive. Ending then would look like having done it.
  setInterval(() => undefined, A_LONG_TIME);
  const code = await main(process.argv.slice(2), { terminal, connect });
  // What was written before has left the process when an empty write is done. Exiting by hand ends whatever a factory
  // left running in the process.
  await writeOut('');
  return process.exit(code);
};
