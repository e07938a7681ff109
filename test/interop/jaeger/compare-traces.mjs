// Sends the traces of the built executable to a real Jaeger, asks for them through its query API, and compares spans,
// nesting, attributes, errors and links with what they have to be.
import { CALLER_CASES } from './caller-cases.mjs';
import { COMMIT_CASES } from './commit-cases.mjs';
import { CRASH_CASES } from './crash-cases.mjs';
import { HOST_CASES } from './host-cases.mjs';
import { damaged, outline, spansOfService, spansOfTrace } from './traces.mjs';
import { becomesTrue } from './until.mjs';
import { withJaeger } from './with-jaeger.mjs';

const ARRIVAL_TIMEOUT_MS = 20_000;

/** Compares; with `plant` Jaeger's responses are damaged first. */
export const compareTraces = (checks, { plant }) =>
  withJaeger(async (jaeger, directory) => {
    for (const [title, perform] of [...COMMIT_CASES, ...CALLER_CASES, ...CRASH_CASES, ...HOST_CASES]) {
      await performCase(checks, title, perform, surroundingsOf(jaeger, directory, checks, plant));
    }
  });

/** A case that cannot be done to its end is one that failed, and the others are done all the same. */
const performCase = async ({ check }, title, perform, surroundings) => {
  try {
    await perform({ ...surroundings, title });
  } catch (error) {
    check(`${title}: can be done`, error.stack, 'done');
  }
};

/** What a case is done with. */
const surroundingsOf = (jaeger, directory, { check }, plant) => {
  /** Waits until as many spans have arrived as are expected; more or others are found by the comparison. */
  const arrived = async (fetched, count) => {
    let spans = [];
    await becomesTrue(async () => {
      spans = await fetched();
      return spans.length >= count;
    }, ARRIVAL_TIMEOUT_MS);
    return plant ? damaged(spans) : spans;
  };
  const compare = async (name, fetched, expected, known) => {
    const wanted = withoutIndent(expected);
    const spans = await arrived(fetched, wanted.split('\n').length);
    check(name, outline(spans, known), wanted);
    return spans;
  };
  return {
    jaeger,
    directory,
    check,
    /** What is asked of Jaeger by commit, with the names that the pond's own records give to spans. */
    compareCommit: async (name, pond, txnSeq, expected) => {
      const known = await knownOf(pond, txnSeq);
      const spans = await compare(name, () => spansOfTrace(jaeger, known.traceId), expected, known);
      return { spans, known };
    },
    compareService: (name, service, expected, known) =>
      compare(name, () => spansOfService(jaeger, service), expected, known),
  };
};

/** The lines of a text that stands indented in a source, by the first one's indent. */
const withoutIndent = (text) => {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const indent = lines[0].length - lines[0].trimStart().length;
  return lines.map((line) => line.slice(indent)).join('\n');
};

/** The ids of a commit's spans and what else its attributes say, as `pond trace`, `pond plan` and `pond status` know them. */
const knownOf = async (pond, txnSeq) => {
  const trace = await pond.ask(['trace', String(txnSeq)]);
  const { recorded_checksum: checksum } = await pond.ask(['plan', String(txnSeq)]);
  const attempts = trace.tasks.flatMap(({ task, attempts }) =>
    attempts.map(({ attempt, span_id }) => [span_id, `${task} attempt ${attempt}`]),
  );
  return {
    traceId: trace.trace_id,
    spanId: trace.span_id,
    attempts: Object.fromEntries(attempts.map(([id, name]) => [name, id])),
    names: { [trace.span_id]: 'the commit', ...Object.fromEntries(attempts) },
    values: { [trace.pond_id]: 'POND', [checksum]: 'CHECKSUM' },
  };
};
