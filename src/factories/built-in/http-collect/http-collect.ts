import { onDemand } from '../../../effects/on-demand.js';
import type { ExecutableFactory } from '../../factory.js';
import { executeGathered } from '../collecting/execute-gathered.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { HttpCollectConfig, httpCollectReference, secretsWrittenOut } from './http-collect-config.js';

/** Asks a server for a file, or for rows that a series does not have yet, and keeps them. */
export const httpCollect = (deps: RequestDeps): ExecutableFactory<HttpCollectConfig> => {
  const gather: NonNullable<ExecutableFactory<HttpCollectConfig>['gather']> = (context, config) =>
    collecting(({ collectFromServer }) => collectFromServer(deps, context, config));
  return {
    name: 'http-collect',
    description: 'Asks a server by HTTP for a file, or for new rows of a series: JSON or CSV, page by page.',
    kind: 'executable',
    modes: ['InTransactionWriter'],
    config: HttpCollectConfig,
    reference: httpCollectReference,
    checkStored: secretsWrittenOut,
    gather,
    execute: executeGathered(gather, 'http-collect'),
  };
};

const collecting = onDemand(() => import('./collect-from-server.js'));
