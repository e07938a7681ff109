// `node test/interop/jaeger/draw-waterfall.mjs`: makes the waterfall in docs/tracing.md again, from a commit of the built
// executable as Jaeger's query API answers it: tasks side by side, one that fails, and its retry, later.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { shell } from './configuration.mjs';
import { newPond } from './pond.mjs';
import { spansOfTrace } from './traces.mjs';
import { until } from './until.mjs';
import { withJaeger } from './with-jaeger.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const document = resolve(here, '../../../docs/tracing.md');
const [BEGIN, END] = ['<!-- waterfall: made by draw-waterfall.mjs -->', '<!-- end of the waterfall -->'];
const FAILED_TASKS = 3;
/** Milliseconds until somebody has found the cause and retries. */
const LATER = 5_000;
/** Commit, discovery, plan; execution, preparation and three attempts; execution, preparation, two attempts. */
const SPANS = 3 + 5 + 4;

const configuration = (site) => ({
  '10-check.yaml': shell('sleep 0.3'),
  '20-publish.yaml': shell(`sleep 0.15; test -d '${site}' || { echo "the site is gone" >&2; exit 1; }`),
  '30-tell.yaml': shell('sleep 0.05', {}, 'depends_on: [20-publish]'),
  '40-count.yaml': shell('sleep 0.2'),
  'config.yaml': 'schedule: graph\n',
});

const draw = async (spans, directory) => {
  const outfile = join(directory, 'waterfall.mjs');
  await build({
    entryPoints: [join(here, 'waterfall.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  const { waterfall } = await import(pathToFileURL(outfile).href);
  return waterfall(spans);
};

const insert = (lines) => {
  const text = readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from === -1 || to < from)
    throw new Error(`${document} has no place for the waterfall: ${BEGIN} ... ${END}`);
  const block = [BEGIN, '', ...lines.map((line) => `    ${line}`.trimEnd()), '', ''].join('\n');
  writeFileSync(document, text.slice(0, from) + block + text.slice(to));
};

await withJaeger(async (jaeger, directory) => {
  const site = join(directory, 'site');
  const pond = await newPond(directory, 'waterfall', configuration(site));
  const traced = { env: { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpHttp } };
  await pond.run(['mknod', 'file', '/in/x'], { ...traced, expect: FAILED_TASKS });
  await pause(LATER);
  mkdirSync(site);
  await pond.run(['control', 'retry', '3'], traced);
  const { trace_id: traceId } = await pond.ask(['trace', '3']);
  let spans = [];
  await until('all spans arrive', async () => {
    spans = await spansOfTrace(jaeger, traceId);
    return spans.length >= SPANS;
  });
  const lines = await draw(spans, directory);
  insert(lines);
  console.log(lines.join('\n'));
});
