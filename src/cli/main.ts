import { VERSION } from '../version.js';
import type { CliCapabilities } from './program.js';

/**
 * The `pond` command line. Returns the exit code; see `exit-codes.ts`. Never rejects.
 *
 * Asking for the version loads nothing else of the program.
 */
export const main = async (argv: readonly string[], capabilities: CliCapabilities): Promise<number> => {
  if (asksForVersion(argv)) {
    const text = argv.includes('--json') ? JSON.stringify({ version: VERSION }) : VERSION;
    await capabilities.terminal.writeOut(`${text}\n`);
    return received(capabilities, 0);
  }
  const { runCommandLine } = await import('./run-command-line.js');
  return received(capabilities, await runCommandLine(argv, capabilities));
};

/** Output that was not received was not done, whatever the command: a script must not go on with half of it. */
const received = async ({ terminal }: CliCapabilities, code: number): Promise<number> => {
  // What was written before has left the process, or failed to, when an empty write is done.
  await terminal.writeOut('');
  const problem = terminal.outputError?.() ?? null;
  if (problem === null) return code;
  terminal.writeErr(`pond: standard output: write failed: ${problem}; what was printed is not complete\n`);
  return code === 0 ? 1 : code;
};

const asksForVersion = (argv: readonly string[]): boolean => {
  const [first] = argv.filter((argument) => argument !== '--json');
  return first === '--version' || first === '-V';
};
