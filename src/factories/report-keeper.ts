import type { Json } from '../domain/documents/json.js';
import type { Logger } from '../ports/logger.js';
import { thrownMessage } from './thrown-message.js';

/** Bytes of JSON that a report may have. */
export const MOST_REPORTED = 64 * 1024;

/** Characters of a report that go with the span of what reported; all of it is in the control table. */
const REPORT_IN_SPAN = 1_024;

/** A report as an attribute of a span. */
export const reportAttribute = (report: Json): string => {
  const text = JSON.stringify(report);
  return text.length <= REPORT_IN_SPAN ? text : `${text.slice(0, REPORT_IN_SPAN)}...`;
};

/** Takes the reports of one attempt. */
export interface ReportKeeper {
  readonly report: (value: Json) => void;
  /** Returns the last report; null where there is none. */
  readonly kept: () => Json | null;
}

/** Keeps the last report that fits. A report is taken as it is when it is made: what is changed later does not count. */
export const reportKeeper = (log: Logger): ReportKeeper => {
  let kept: Json | null = null;
  const refuse = (reason: string): void => log.log('warn', 'report_not_kept', { reason });
  return {
    report: (value) => {
      const text = jsonOf(value);
      if ('problem' in text) return refuse(text.problem);
      const bytes = Buffer.byteLength(text.json);
      if (bytes > MOST_REPORTED) return refuse(`it has ${bytes} bytes of JSON, more than ${MOST_REPORTED}`);
      kept = JSON.parse(text.json);
    },
    kept: () => kept,
  };
};

/** A factory of a user's may report anything. */
const jsonOf = (value: unknown): { readonly json: string } | { readonly problem: string } => {
  try {
    const json: string | undefined = JSON.stringify(value);
    return json === undefined ? { problem: `it is not JSON but ${typeof value}` } : { json };
  } catch (thrown) {
    return { problem: `it is not JSON: ${thrownMessage(thrown)}` };
  }
};
