import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';

/** The outcome that exporters of every signal report. */
interface Result {
  readonly code: number;
  readonly error?: Error;
}

/** The part that exporters of every signal have in common. */
interface Exporter<Items> {
  export(items: Items, done: (result: Result) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

const SUCCESS = 0;

/**
 * The same exporter, whose failures are told to `onFailure` and to nobody else: what cannot be exported must not be
 * noticed by the work that it tells of.
 */
export const watched = <Items>(
  exporter: Exporter<Items>,
  onFailure: (error: unknown) => void,
): Required<Exporter<Items>> => ({
  export: (items, done) => {
    try {
      exporter.export(items, ({ code, error }) => {
        if (code !== SUCCESS) onFailure(error);
        done({ code: SUCCESS });
      });
    } catch (thrown) {
      onFailure(thrown);
      done({ code: SUCCESS });
    }
  },
  forceFlush: async () => exporter.forceFlush?.(),
  shutdown: () => exporter.shutdown(),
});

/** The same for metrics, whose exporters also say how they want them added up. */
export const watchedMetrics = (
  exporter: PushMetricExporter,
  onFailure: (error: unknown) => void,
): PushMetricExporter => ({
  ...watched(exporter, onFailure),
  ...(exporter.selectAggregationTemporality === undefined
    ? {}
    : { selectAggregationTemporality: exporter.selectAggregationTemporality.bind(exporter) }),
  ...(exporter.selectAggregation === undefined
    ? {}
    : { selectAggregation: exporter.selectAggregation.bind(exporter) }),
});
