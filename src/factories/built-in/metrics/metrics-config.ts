import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { TextListCodec } from '../../../domain/documents/text-list.js';
import { textThat } from '../../../domain/documents/value-that.js';
import { hostPathProblem } from '../../../host-plans/operations/host-path.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';

const isPatterns = (input: unknown): input is readonly string[] =>
  TextListCodec.is(input) && input.every((pattern) => pattern.startsWith('/'));

const Patterns = new t.Type<readonly string[], unknown, unknown>(
  'a pattern of paths or several',
  isPatterns,
  (input, context) => {
    const texts = TextListCodec.validate(input, context);
    if (isLeft(texts)) return texts;
    return isPatterns(texts.right)
      ? texts
      : t.failure(input, context, 'expected paths or patterns in the pond that begin with /');
  },
  t.identity,
);

/** Collectors read only files with this ending, and a typing error cannot name a file of another kind. */
const PromFile = textThat(
  'an absolute path of the host that ends with .prom, without . or ..',
  (text) => hostPathProblem(text) === null && text.endsWith('.prom'),
);

/** The configuration of the `metrics` factory. */
export const MetricsConfig = exactType(
  'metrics configuration',
  { paths: Patterns },
  { prometheus: PromFile, otlp: t.boolean },
);

export type MetricsConfig = t.TypeOf<typeof MetricsConfig>;

/** Reference that `pond factories metrics` prints. */
export const metricsReference: FactoryReference = referenceOf(MetricsConfig, {
  meanings: {
    paths: 'paths or patterns in the pond: the files that are measured, at most 1,000',
    prometheus:
      'a file of the host, absolute, its name ending with .prom, in a directory that is there: replaced as a whole after each commit, in the text format of Prometheus',
    otlp: 'false: the gauges are not sent to the collector of OpenTelemetry that is configured, if one is; default true',
  },
  example: `# Rows, bytes, versions and the age of the newest event, for a dashboard.
factory: metrics
enabled: false # take this line out once the rest is what you want
config:
  paths: ["/in/*.csv", "/sensors/**"]
  prometheus: /var/lib/node_exporter/pond.prom
`,
});
