import { onDemand } from '../../../effects/on-demand.js';
import type { ExecutableFactory } from '../../factory.js';
import { executeGathered } from '../collecting/execute-gathered.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { HydroVuConfig, hydroVuReference, secretsWrittenOut } from './hydrovu-config.js';

/**
 * Collects readings of HydroVu. What the pond has already says from when on each device is asked, so that a run that was
 * killed loses and doubles nothing; devices fail by themselves.
 */
export const hydrovu = (deps: RequestDeps): ExecutableFactory<HydroVuConfig> => {
  const gather: NonNullable<ExecutableFactory<HydroVuConfig>['gather']> = (context, config) =>
    gathering(({ gatherCommand }) => gatherCommand(deps, context, config));
  return {
    name: 'hydrovu',
    description: 'Collects readings of HydroVu into a series for each device; archives them.',
    kind: 'executable',
    modes: ['InTransactionWriter'],
    config: HydroVuConfig,
    reference: hydroVuReference,
    checkStored: secretsWrittenOut,
    gather,
    execute: executeGathered(gather, 'hydrovu'),
  };
};

const gathering = onDemand(() => import('./hydrovu-commands.js'));
