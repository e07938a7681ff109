import { resultCache } from '../../../factories/built-in/derived/result-cache.js';
import { type BuiltInDeps, builtInFactories } from '../../../factories/built-in.js';
import type { Factory } from '../../../factories/factory.js';
import type { StewardPorts } from '../../steward-ports.js';
import { layout } from '../pond.js';
import { printCalledBy } from '../pond-chain.js';
import { userSeal } from '../record-origin.js';
import type { SharedPond } from '../shared-pond.js';

/** Things that factories are handed and that only the pond knows. */
export interface OfThisPond {
  /** Store that it lies in; null: it lies in its directory. */
  readonly shared: SharedPond | null;
  readonly queries: Omit<BuiltInDeps['derived'], 'cache'>;
  readonly staging: BuiltInDeps['staging'];
  readonly pushRemote: BuiltInDeps['replication']['pushRemote'];
}

/** The factories that come with the product, for the pond of a directory. */
export const builtInsOf = (
  ports: StewardPorts,
  directory: string,
  { shared, queries, staging, pushRemote }: OfThisPond,
): readonly Factory[] =>
  builtInFactories({
    clock: ports.clock,
    replication: { pushRemote },
    s3Export: ports,
    processes: ports.processes,
    http: ports.http,
    random: ports.random,
    telemetry: ports.telemetry,
    mailer: ports.mailer,
    hostPlans: ports.hostPlans(directory),
    pondDir: directory,
    pondAddress: shared?.address ?? directory,
    staging,
    environment: { ...ports.host.variables, ...(shared === null ? {} : variablesOf(shared)) },
    validation: queries,
    derived: {
      ...queries,
      cache: resultCache({ ...ports, seal: userSeal(ports) }, layout(directory).derived),
    },
    chain: () => printCalledBy(ports.causes.current()),
  });

/** Variables by which a program that a task starts finds the pond as this process does. */
const variablesOf = ({ place, control }: SharedPond): Readonly<Record<string, string>> => ({
  POND_CONTROL: control.address,
  ...(place.endpoint === undefined ? {} : { AWS_ENDPOINT_URL_S3: place.endpoint }),
  ...(place.region === undefined ? {} : { AWS_REGION: place.region }),
});
