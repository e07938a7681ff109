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
    return 0;
  }
  const { runCommandLine } = await import('./run-command-line.js');
  return runCommandLine(argv, capabilities);
};

const asksForVersion = (argv: readonly string[]): boolean => {
  const [first] = argv.filter((argument) => argument !== '--json');
  return first === '--version' || first === '-V';
};
