import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';
import { placeProblem } from '../host-publication.js';
import { MetricsConfig, metricsReference } from './metrics-config.js';
import type { MetricsDeps } from './publish-metrics.js';

/**
 * Says after a commit how much there is of the files that it is told of, and how old their newest event is: to the
 * collector of OpenTelemetry, and in a file for Prometheus.
 */
export const metrics = (deps: MetricsDeps): ExecutableFactory<MetricsConfig> => ({
  name: 'metrics',
  description: 'Measures files: rows, bytes, versions, age; for OpenTelemetry and Prometheus.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: MetricsConfig,
  reference: metricsReference,
  prepare: (context, { prometheus }) => {
    const problem = prometheus === undefined ? null : placeProblem(deps, prometheus);
    return problem === null ? TE.right(undefined) : TE.left(failed(context, problem));
  },
  execute: (context, config) =>
    TE.tryCatch(
      async () => (await import('./publish-metrics.js')).publishMetrics(deps, context, config),
      (thrown) => failed(context, thrownMessage(thrown)),
    ),
});

const failed = ({ path }: FactoryContext, message: string): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'metrics',
  message,
});
