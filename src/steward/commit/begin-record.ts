import type { BeginRecord } from '../../control/records/commit-record.js';
import type { JsonObject } from '../../domain/documents/json.js';
import type { StewardPorts } from '../steward-ports.js';

/** Beginner of a transaction. */
interface Beginner {
  readonly ports: StewardPorts;
  readonly options: { readonly cliArgs: readonly string[] };
}

/** Factory that a transaction runs by hand. */
export interface RunAbout {
  /** Null: the path leads to nothing that has one. */
  readonly factoryName: string | null;
  readonly configPath: string | null;
}

const NOTHING_RUN: RunAbout = { factoryName: null, configPath: null };

/** The first record of a transaction: who began what, from which state. */
export const beginRecord = (
  { ports, options }: Beginner,
  transactionType: BeginRecord['transactionType'],
  identity: { readonly txnSeq: number; readonly txnId: string; readonly timestamp: number },
  basedOnSeq: number,
  traceParent: string | null = null,
  about: RunAbout = NOTHING_RUN,
): BeginRecord => ({
  basedOnSeq,
  traceParent,
  transactionType,
  cliArgs: options.cliArgs,
  environment: recordedEnvironment(ports),
  ...identity,
  ...about,
});

const KEPT_VARIABLES = ['POND', 'POND_TASK'];

/** The part of the environment that explains a record and is not a secret. `pid` tells whether the process still lives. */
const recordedEnvironment = ({ host }: StewardPorts): JsonObject => {
  const { userName: user, hostName, workingDirectory: cwd, pid, variables } = host;
  const environment: Record<string, string | number> = { user, host: hostName, cwd, pid };
  for (const name of KEPT_VARIABLES) {
    const value = variables[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
};
