// What Jaeger's query API answers, as a tree in words.

/** The spans of a trace, or none while Jaeger does not know it; as they were sent, without its corrections. */
export const spansOfTrace = async ({ query }, traceId) => {
  const answer = await ask(`${query}/api/traces/${traceId}?raw=true`, [200, 404]);
  return (answer.data ?? []).flatMap(spansOf);
};

/** The spans of all traces of a service. */
export const spansOfService = async ({ query }, service) => {
  const answer = await ask(
    `${query}/api/traces?service=${encodeURIComponent(service)}&limit=100&raw=true`,
    [200],
  );
  return (answer.data ?? []).flatMap(spansOf);
};

const ask = async (url, statuses) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!statuses.includes(response.status))
    throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};

const spansOf = ({ spans, processes }) =>
  spans.map((span) => {
    const tags = Object.fromEntries(span.tags.map(({ key, value }) => [key, value]));
    const references = span.references ?? [];
    return {
      /** All of it, as it was answered. */
      answered: JSON.stringify(span),
      spanId: span.spanID,
      name: span.operationName,
      service: processes[span.processID].serviceName,
      resource: Object.fromEntries(processes[span.processID].tags.map(({ key, value }) => [key, value])),
      parent: references.find(({ refType }) => refType === 'CHILD_OF')?.spanID ?? null,
      links: references.filter(({ refType }) => refType === 'FOLLOWS_FROM'),
      /** Microseconds. */
      start: span.startTime,
      end: span.startTime + span.duration,
      attributes: Object.fromEntries(
        Object.entries(tags).filter(([key]) => !/^(otel\.|span\.kind$|error$|internal\.)/.test(key)),
      ),
      error: tags.error === true ? (tags['otel.status_description'] ?? '') : null,
      recorded: span.logs.flatMap(({ fields }) =>
        fields.filter(({ key }) => key === 'exception.message').map(({ value }) => value),
      ),
    };
  });

/** Where siblings would differ from run to run, this is their order; executions of one commit by their start. */
const RANK = [
  'steward.Discover',
  'planner.Plan',
  'executor.Execute',
  'executor.Prepare',
  'operation.Execute',
  'executor.Rollback',
];

/**
 * A trace as indented lines: name, attributes, error, links. `known` names spans by their ids, and values by what they
 * are: what pond itself says about ids, checksums and versions is compared by that.
 */
export const outline = (spans, { names = {}, values = checksumOf(spans), inWords = (text) => text } = {}) => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const nameOf = (id) => names[id] ?? `span ${id}`;
  const line = (span) => {
    const attributes = Object.entries(span.attributes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${values[value] ?? value}`)
      .join(', ');
    const outside = span.parent !== null && !ids.has(span.parent) ? `(in ${nameOf(span.parent)}) ` : '';
    const error = span.error === null ? '' : ` ERROR ${inWords(span.error)}`;
    const links = span.links.map(({ spanID }) => ` -> ${nameOf(spanID)}`).join('');
    return `${outside}${span.name} {${attributes}}${error}${links}`;
  };
  const below = (parent, depth) =>
    spans
      .filter((span) =>
        parent === null ? span.parent === null || !ids.has(span.parent) : span.parent === parent,
      )
      .sort(inOrder)
      .flatMap((span) => [`${'  '.repeat(depth)}${line(span)}`, ...below(span.spanId, depth + 1)]);
  return below(null, 0).join('\n');
};

/** Where no pond says what the checksum has to be, it only has to be one, and the same everywhere. */
const checksumOf = (spans) => {
  const checksum = spans
    .map(({ attributes }) => attributes.plan_checksum)
    .find((value) => value !== undefined);
  return /^[0-9a-f]{64}$/.test(checksum) ? { [checksum]: 'CHECKSUM' } : {};
};

const inOrder = (a, b) =>
  RANK.indexOf(a.name) - RANK.indexOf(b.name) || placeOf(a).localeCompare(placeOf(b)) || a.start - b.start;

const placeOf = ({ attributes }) =>
  `${attributes['op.id'] ?? ''} ${String(attributes['task.attempt'] ?? '').padStart(4, '0')}`;

/**
 * Damages of every kind that the comparison has to find: wrong parents, lost links, errors, attributes and resources, a
 * wrong number, spans that end when they begin.
 */
export const damaged = (spans) =>
  spans.map((span) => ({
    ...span,
    parent: span.name === 'executor.Prepare' ? null : span.parent,
    links: [],
    error: span.name === 'operation.Execute' ? null : span.error,
    recorded: [],
    resource: {},
    end: span.start,
    attributes: Object.fromEntries(
      Object.entries(span.attributes)
        .filter(([key]) => key !== 'task.factory')
        .map(([key, value]) => [key, key === 'executed' ? value + 1 : value]),
    ),
  }));
