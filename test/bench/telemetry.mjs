import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { metrics, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { build } from 'esbuild';
import { esbuildOptions } from '../build/esbuild-options.mjs';
import { interleaved, median, ms, settled, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TASKS = sized(100, 1);
const ROUNDS = sized(20, 1);
const MANY_TASKS = sized(1_000, 2);
const FEW_ROUNDS = sized(3, 1);
const WARM_UP = sized(2, 0);
const LOOPS = sized(200_000, 10);

/**
 * What telemetry costs a commit: untraced, its calls counted and what one of them takes; traced, the whole commit with
 * the sending of what it says to a collector in another process, beside the same commit untraced.
 */
export const benchTelemetry = async ({ Steward }, scratch) => {
  const collector = await startCollector();
  try {
    const hundred = await benchPond(Steward, join(scratch, 'telemetry-100'), TASKS);
    const compared = await compare(hundred.commit, collector.url, ROUNDS);
    const counted = await countCalls(hundred.commit);
    const cost = await costOfCalls(scratch);
    await hundred.close();
    const thousand = await benchPond(Steward, join(scratch, 'telemetry-1000'), MANY_TASKS);
    const comparedMany = await compare(thousand.commit, collector.url, FEW_ROUNDS);
    await thousand.close();

    const calls = (counted.spans * cost.span + counted.metrics * cost.metric) / 1000;
    return [
      [
        `untraced: the calls of a commit with ${TASKS} tasks that do nothing`,
        `${((100 * calls) / compared.untraced).toFixed(2)} %`,
        '<= 2 %',
        `${counted.spans} spans of ${cost.span.toFixed(2)} µs and ${counted.metrics} counts of ${cost.metric.toFixed(2)} µs, of ${ms(compared.untraced)}`,
      ],
      row(`traced to a collector: a commit with ${TASKS} tasks`, compared, ROUNDS),
      row(`traced to a collector: a commit with ${MANY_TASKS} tasks`, comparedMany, FEW_ROUNDS),
      [
        '  more for each of them',
        `${(((comparedMany.traced - comparedMany.untraced) * 1000) / MANY_TASKS).toFixed(0)} µs`,
        '<= 40 µs',
        'the difference of the two',
      ],
    ];
  } finally {
    collector.stop();
  }
};

const row = (name, { traced, untraced }, rounds) => [
  name,
  times(traced / untraced),
  '<= 1.25 x',
  `${ms(traced)} with the sending, beside ${ms(untraced)} untraced; medians of ${rounds}, in turns`,
];

/** A pond whose every commit sets off so many tasks that do nothing. */
const benchPond = async (Steward, directory, tasks) => {
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  await settled(
    pond.write(({ fs }) => async () => {
      for (let task = 1; task <= tasks; task += 1) {
        const path = `/etc/system.d/${String(task).padStart(4, '0')}-noop`;
        const config = Buffer.from('message: nothing\n');
        const made = await fs.createDynamicPath(path, 'file:dynamic', 'test-executor', config)();
        if (made._tag === 'Left') return made;
      }
      return { _tag: 'Right', right: undefined };
    }),
  );
  let written = 0;
  return {
    commit: async () => {
      written += 1;
      const outcome = await settled(pond.write(({ fs }) => fs.write('/data.txt', Buffer.from(`${written}`))));
      const completed = outcome.tasks.filter(({ state }) => state === 'completed').length;
      if (completed !== tasks) throw new Error(`${completed} of ${tasks} tasks completed`);
    },
    close: () => settled(pond.close()),
  };
};

const compare = async (commit, url, rounds) => {
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }), { maxQueueSize: 100_000 }),
    ],
  });
  const meterProvider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }) }),
    ],
  });
  const measured = await interleaved(rounds, WARM_UP, {
    untraced: commit,
    traced: async () => {
      trace.setGlobalTracerProvider(tracerProvider);
      metrics.setGlobalMeterProvider(meterProvider);
      try {
        await commit();
        await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush()]);
      } finally {
        trace.disable();
        metrics.disable();
      }
    },
  });
  await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  return { untraced: median(measured.untraced), traced: median(measured.traced) };
};

/** How many spans and how many counts one commit asks for. */
const countCalls = async (commit) => {
  const counted = { spans: 0, metrics: 0 };
  const count = () => {
    counted.metrics += 1;
  };
  const inner = new BasicTracerProvider().getTracer('bench');
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (...args) => {
        counted.spans += 1;
        return inner.startSpan(...args);
      },
    }),
  });
  const meter = {
    createCounter: () => ({ add: count }),
    createGauge: () => ({ record: count }),
    createHistogram: () => ({ record: count }),
    createObservableGauge: () => ({ addCallback: () => undefined }),
  };
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  await commit();
  trace.disable();
  metrics.disable();
  return counted;
};

/** Microseconds of one span with all that is said about it, and of one count, where no SDK is registered. */
const costOfCalls = async (scratch) => {
  const outdir = join(scratch, 'telemetry-calls');
  await build({
    ...esbuildOptions({
      root,
      entryPoints: {
        'open-telemetry': 'src/telemetry/open-telemetry.ts',
        'uuid-ids': 'src/adapters/node/uuid-ids.ts',
      },
      outdir,
      version: 'bench',
    }),
    outExtension: { '.js': '.mjs' },
  });
  const load = (name) => import(pathToFileURL(join(outdir, `${name}.mjs`)).href);
  const { openTelemetry } = await load('open-telemetry');
  const { uuidIds } = await load('uuid-ids');
  const { startSpan, record } = openTelemetry({ ids: uuidIds });
  const parent = startSpan({ name: 'executor.Execute', parent: null }).context;
  const attributes = { 'op.id': '1.1', 'op.kind': 'RunTask', 'task.id': '1.1', 'task.attempt': 1 };
  const labels = { factory: 'test-executor', outcome: 'completed' };
  const each = (work) => {
    for (let loop = 0; loop < LOOPS / 10; loop += 1) work();
    const begun = performance.now();
    for (let loop = 0; loop < LOOPS; loop += 1) work();
    return ((performance.now() - begun) * 1000) / LOOPS;
  };
  return {
    span: each(() => {
      const span = startSpan({ name: 'operation.Execute', parent, links: [], attributes });
      if (span.context.traceParent === '' || 'trace_id' in span.logFields) throw new Error('it is traced');
      span.set(attributes);
      span.end();
    }),
    metric: each(() => record('pond.task.duration', 0.001, labels)),
  };
};

/** Takes whatever it is sent, in a process of its own. Ends by itself when this one does. */
const startCollector = () =>
  new Promise((started, failed) => {
    const source = `
      const server = require('node:http').createServer((request, response) => {
        request.resume().on('end', () => response.end());
      });
      server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)));
      process.stdin.resume().on('end', () => process.exit());`;
    const child = spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.on('error', failed);
    child.stdout.once('data', (port) =>
      started({ url: `http://127.0.0.1:${port}`, stop: () => child.stdin.end() }),
    );
  });
