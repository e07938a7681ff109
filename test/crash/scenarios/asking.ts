import { Readable } from 'node:stream';
import type { Either } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { main } from '../../../src/cli/main.js';
import type { Program, Terminal } from '../../../src/cli/program.js';
import { assemble } from '../../../src/composition-root.js';
import type { ControlRecord } from '../../../src/control/records/control-record.js';
import { Steward } from '../../../src/index.js';
import { livePorts } from '../../../src/live-ports.js';

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
export const ask = (pond: string, ...args: readonly string[]): Promise<Answer> =>
  askProgram(assemble(livePorts(silentLogger)), pond, args);

/** A pond that is looked at. */
export interface Looked {
  readonly ask: (...args: readonly string[]) => Promise<Answer>;
  readonly records: () => Promise<readonly ControlRecord[]>;
}

/** Opens a pond once for several commands that look at it. Where it does not open, each of them says so. */
export const looking = async <A>(pond: string, look: (looked: Looked) => Promise<A>): Promise<A> => {
  const program = assemble(livePorts(silentLogger));
  const opened = await program.open(pond, {})();
  if (opened._tag === 'Left') {
    return look({ ask: (...args) => askProgram(program, pond, args), records: () => recordsOf(pond) });
  }
  const steward = opened.right;
  const open: Program['open'] = () => TE.right({ ...steward, close: () => TE.right(undefined) });
  try {
    return await look({
      ask: (...args) => askProgram({ ...program, open }, pond, args),
      records: async () => recordsIn(await steward.records({})()),
    });
  } finally {
    await steward.close()();
  }
};

const askProgram = async (program: Program, pond: string, args: readonly string[]): Promise<Answer> => {
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
  const code = await main(['--pond', pond, ...args], { terminal, connect: async () => program });
  return { code, out: Buffer.concat(out), err };
};

/** A JSON document, from a command that must succeed. */
export const askJson = async (pond: string, ...args: readonly string[]): Promise<unknown> =>
  documentOf(args, await ask(pond, ...args, '--json'));

/** The document of a command that was to print one. */
export const documentOf = (args: readonly string[], { code, out, err }: Answer): unknown => {
  if (code !== 0) throw new Error(`pond ${args.join(' ')}: exit code ${code}\n${out}${err}`);
  return JSON.parse(out.toString());
};

/** Every record of a pond's control table, in order. */
export const recordsOf = async (pond: string): Promise<readonly ControlRecord[]> =>
  recordsIn(await Steward.using(pond, (steward) => steward.records({}))());

const recordsIn = (records: Either<unknown, readonly ControlRecord[]>): readonly ControlRecord[] => {
  if (records._tag === 'Left') throw new Error(JSON.stringify(records.left));
  return records.right;
};
