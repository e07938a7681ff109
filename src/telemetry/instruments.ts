import type { Meter } from '@opentelemetry/api';
import type { Telemetry } from '../ports/telemetry.js';
import {
  COUNTER,
  type CounterName,
  type GaugeName,
  type HistogramName,
  HTTP_COUNTER,
  PATH_GAUGE,
  type PathGaugeName,
  STORE_COUNTER,
} from '../ports/telemetry-names.js';

const DESCRIPTIONS: Readonly<Record<CounterName, string>> = {
  [COUNTER.executions]: 'Plans that were executed',
  [COUNTER.executionsSucceeded]: 'Executions in which nothing failed',
  [COUNTER.executionsFailed]: 'Executions in which something failed or was interrupted',
  [COUNTER.operationsExecuted]: 'Operations that took effect',
  [COUNTER.operationsFailed]: 'Operations that failed, in prepare or when they ran',
  [COUNTER.operationsRolledBack]: 'Operations that took effect and were undone',
  [STORE_COUNTER.requests]: 'Requests to object stores, failed ones included',
  [STORE_COUNTER.bytesSent]: 'Bytes of objects that were sent to object stores',
  [STORE_COUNTER.bytesReceived]: 'Bytes of objects that were received from object stores',
  [HTTP_COUNTER.requests]: 'Requests that were sent by HTTP, each attempt of one',
  [HTTP_COUNTER.bytesSent]: 'Bytes of bodies that were sent by HTTP',
  [HTTP_COUNTER.bytesReceived]: 'Bytes of bodies that were received by HTTP',
};

const PATH_GAUGES: Readonly<Record<PathGaugeName, { readonly description: string; readonly unit: string }>> =
  {
    [PATH_GAUGE.rows]: { description: 'Rows of a file, as of a commit', unit: '{row}' },
    [PATH_GAUGE.bytes]: { description: 'Bytes of a file, of a series of all its versions', unit: 'By' },
    [PATH_GAUGE.versions]: { description: 'Versions of a file', unit: '{version}' },
    [PATH_GAUGE.age]: { description: 'Time since the newest event of a file', unit: 's' },
  };

/** Buckets of durations in seconds, from a task that does nothing to one that takes ten minutes. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** The instruments of a meter, each made when it is first used. A meter that takes another's place is asked again. */
export const instrumentsOf = (
  meterNow: () => Meter,
): Pick<Telemetry, 'add' | 'change' | 'observe' | 'record'> => {
  const totals = new Map<GaugeName, number>();
  const made = new WeakMap<Meter, ReturnType<typeof makers>>();
  const instruments = () => {
    const meter = meterNow();
    const known = made.get(meter);
    if (known !== undefined) return known;
    const now = makers(meter, totals);
    made.set(meter, now);
    return now;
  };
  return {
    add: (counter, amount, labels = {}) => {
      if (amount > 0) instruments().counter(counter).add(amount, labels);
    },
    change: (gauge, by) => {
      const total = (totals.get(gauge) ?? 0) + by;
      totals.set(gauge, total);
      instruments().gauge(gauge);
    },
    observe: (gauge, value, path) => instruments().pathGauge(gauge).record(value, { path }),
    record: (histogram, seconds, labels = {}) => instruments().histogram(histogram).record(seconds, labels),
  };
};

const makers = (meter: Meter, totals: ReadonlyMap<GaugeName, number>) => {
  const counter = madeOnce((name: CounterName) =>
    meter.createCounter(name, { description: DESCRIPTIONS[name] }),
  );
  // What has not happened yet counts 0: a series that begins with its first failure shows no rise.
  for (const name of Object.values(COUNTER)) counter(name).add(0);
  return {
    counter,
    // Asked when metrics are collected: each task of a commit changes it.
    gauge: madeOnce((name: GaugeName) => {
      const gauge = meter.createObservableGauge(name);
      gauge.addCallback((now) => now.observe(totals.get(name) ?? 0));
      return gauge;
    }),
    pathGauge: madeOnce((name: PathGaugeName) => meter.createGauge(name, PATH_GAUGES[name])),
    histogram: madeOnce((name: HistogramName) =>
      meter.createHistogram(name, { unit: 's', advice: { explicitBucketBoundaries: BOUNDARIES } }),
    ),
  };
};

const madeOnce = <Name, A>(make: (name: Name) => A): ((name: Name) => A) => {
  const known = new Map<Name, A>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const now = make(name);
    known.set(name, now);
    return now;
  };
};
