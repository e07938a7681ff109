// A collector for tests: takes OTLP as JSON over HTTP on loopback, and remembers it.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as t from 'io-ts';

const Value = t.partial({
  stringValue: t.string,
  intValue: t.union([t.number, t.string]),
  doubleValue: t.number,
  boolValue: t.boolean,
});
const Attributes = t.array(t.type({ key: t.string, value: Value }));
const named = t.type({ name: t.string });

const SpanCodec = t.intersection([
  t.type({
    traceId: t.string,
    spanId: t.string,
    name: t.string,
    startTimeUnixNano: t.string,
    endTimeUnixNano: t.string,
  }),
  t.partial({
    parentSpanId: t.string,
    attributes: Attributes,
    events: t.array(t.intersection([named, t.partial({ attributes: Attributes })])),
    links: t.array(t.type({ traceId: t.string, spanId: t.string })),
    status: t.partial({ code: t.number, message: t.string }),
  }),
]);

const Point = t.partial({
  asInt: t.union([t.number, t.string]),
  asDouble: t.number,
  count: t.union([t.number, t.string]),
  sum: t.number,
  attributes: Attributes,
});
const Points = t.type({ dataPoints: t.array(Point) });
const MetricCodec = t.intersection([named, t.partial({ sum: Points, gauge: Points, histogram: Points })]);

const LogCodec = t.intersection([
  t.type({ body: Value }),
  t.partial({ traceId: t.string, spanId: t.string, severityText: t.string, attributes: Attributes }),
]);

const Resource = t.type({ attributes: Attributes });
const TracesCodec = t.type({
  resourceSpans: t.array(
    t.type({ resource: Resource, scopeSpans: t.array(t.type({ spans: t.array(SpanCodec) })) }),
  ),
});
const MetricsCodec = t.type({
  resourceMetrics: t.array(
    t.type({ resource: Resource, scopeMetrics: t.array(t.type({ metrics: t.array(MetricCodec) })) }),
  ),
});
const LogsCodec = t.type({
  resourceLogs: t.array(t.type({ scopeLogs: t.array(t.type({ logRecords: t.array(LogCodec) })) })),
});

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span as a test wants to look at it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the first of a trace. */
  readonly parentId: string | null;
  readonly name: string;
  readonly attributes: Values;
  /** The message of a status ERROR; null without one. */
  readonly error: string | null;
  /** Messages of recorded errors, and names of other events. */
  readonly events: readonly string[];
  /** Ids of linked spans. */
  readonly links: readonly string[];
  readonly startNanos: bigint;
  readonly endNanos: bigint;
}

export interface ReceivedPoint {
  readonly name: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  /** Number of recorded values of a histogram. */
  readonly value: number;
  readonly labels: Values;
}

export interface ReceivedLog {
  readonly event: unknown;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly attributes: Values;
}

export interface OtlpReceiver {
  /** Address for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: () => readonly ReceivedSpan[];
  /** Points of the newest export of each process. */
  readonly points: () => readonly ReceivedPoint[];
  readonly logs: () => readonly ReceivedLog[];
  readonly resources: () => readonly Values[];
  /** Everything that came in, as it came. */
  readonly bodies: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** What it does with a request: take it, refuse it with a status, or leave it without an answer. */
export type Behaviour = 'take' | 'hang' | number;

export const otlpReceiver = async (
  behaviour: (path: string) => Behaviour = () => 'take',
): Promise<OtlpReceiver> => {
  const received: { readonly path: string; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const does = behaviour(path);
    const body = await bodyOf(request);
    if (does === 'hang') return;
    if (does === 'take') received.push({ path, body });
    response.writeHead(does === 'take' ? 200 : does, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const decoded = <A>(path: string, codec: t.Decoder<unknown, A>): readonly A[] =>
    received
      .filter((request) => request.path === path)
      .map(({ body }) => {
        const decoding = codec.decode(JSON.parse(body));
        if (decoding._tag === 'Left') throw new Error(`${path}: unexpected ${body.slice(0, 500)}`);
        return decoding.right;
      });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    spans: () =>
      decoded('/v1/traces', TracesCodec).flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(spanOf))),
      ),
    points: () =>
      newestPerProcess(decoded('/v1/metrics', MetricsCodec).flatMap((one) => one.resourceMetrics)).flatMap(
        ({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(pointsOf)),
      ),
    logs: () =>
      decoded('/v1/logs', LogsCodec).flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) =>
          scopeLogs.flatMap(({ logRecords }) =>
            logRecords.map(({ body, traceId, spanId, attributes }) => ({
              event: body.stringValue,
              traceId,
              spanId,
              attributes: valuesOf(attributes),
            })),
          ),
        ),
      ),
    resources: () =>
      decoded('/v1/traces', TracesCodec).flatMap(({ resourceSpans }) =>
        resourceSpans.map(({ resource }) => valuesOf(resource.attributes)),
      ),
    bodies: () => received.map(({ body }) => body),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
};

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return address.port;
};

const newestPerProcess = <
  A extends { readonly resource: { readonly attributes: t.TypeOf<typeof Attributes> } },
>(
  exports: readonly A[],
): readonly A[] => [
  ...new Map(exports.map((one) => [valuesOf(one.resource.attributes)['service.instance.id'], one])).values(),
];

const ERROR = 2;

const spanOf = (span: t.TypeOf<typeof SpanCodec>): ReceivedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentId: span.parentSpanId ?? null,
  name: span.name,
  attributes: valuesOf(span.attributes),
  error: span.status?.code === ERROR ? (span.status.message ?? '') : null,
  events: (span.events ?? []).map(({ name, attributes }) =>
    name === 'exception' ? String(valuesOf(attributes)['exception.message']) : name,
  ),
  links: (span.links ?? []).map(({ spanId }) => spanId),
  startNanos: BigInt(span.startTimeUnixNano),
  endNanos: BigInt(span.endTimeUnixNano),
});

const pointsOf = (metric: t.TypeOf<typeof MetricCodec>): readonly ReceivedPoint[] =>
  (['sum', 'gauge', 'histogram'] as const).flatMap((kind) =>
    (metric[kind]?.dataPoints ?? []).map((point) => ({
      name: metric.name,
      kind,
      value: Number(kind === 'histogram' ? point.count : (point.asInt ?? point.asDouble)),
      labels: valuesOf(point.attributes),
    })),
  );

const valuesOf = (attributes: t.TypeOf<typeof Attributes> | undefined): Values =>
  Object.fromEntries(
    (attributes ?? []).map(({ key, value }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        value.doubleValue ??
        (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  );

/** Spans as an indented tree, in the order of their starts: what a person sees in Jaeger. */
export const treeOf = (spans: readonly ReceivedSpan[], show: (span: ReceivedSpan) => string): string => {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const inOrder = spans.toSorted((a, b) => Number(a.startNanos - b.startNanos));
  const below = (parentId: string | null, depth: number): readonly string[] =>
    inOrder
      .filter((span) => (parentId === null ? !known.has(span.parentId ?? '') : span.parentId === parentId))
      .flatMap((span) => [`${'  '.repeat(depth)}${show(span)}`, ...below(span.spanId, depth + 1)]);
  return below(null, 0).join('\n');
};
