import { Readable } from 'node:stream';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { main } from '../../../src/cli/main.js';
import type { Terminal } from '../../../src/cli/program.js';
import { assemble, livePorts } from '../../../src/composition-root.js';
import type { ControlRecord } from '../../../src/control/control-record.js';
import { Steward } from '../../../src/index.js';

/** What a command printed that ran in this process. */
export interface Answer {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

/**
 * Runs a command of `pond` in this process: the product but for the process of its own, which takes a hundred times
 * as long to start as a command takes to look at a pond.
 */
export const ask = async (pond: string, ...args: readonly string[]): Promise<Answer> => {
  const out: Buffer[] = [];
  let err = '';
  const terminal: Terminal = {
    stdin: Readable.from([]),
    writeOut: async (data) => {
      out.push(Buffer.from(data));
      return true;
    },
    writeErr: (text) => {
      err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    workingDirectory: '/',
    environment: {},
    interrupt: new AbortController().signal,
  };
  const connect = async () => assemble(livePorts(silentLogger));
  const code = await main(['--pond', pond, ...args], { terminal, connect });
  return { code, out: Buffer.concat(out), err };
};

/** A JSON document, from a command that must succeed. */
export const askJson = async (pond: string, ...args: readonly string[]): Promise<unknown> => {
  const { code, out, err } = await ask(pond, ...args, '--json');
  if (code !== 0) throw new Error(`pond ${args.join(' ')}: exit code ${code}\n${out}${err}`);
  return JSON.parse(out.toString());
};

/** Every record of a pond's control table, in order. */
export const recordsOf = async (pond: string): Promise<readonly ControlRecord[]> => {
  const records = await Steward.using(pond, (steward) => steward.records({}))();
  if (records._tag === 'Left') throw new Error(JSON.stringify(records.left));
  return records.right;
};
