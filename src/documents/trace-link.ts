import { traceIdOf } from './task-document.js';

/** The variable with the address of a trace; `{trace_id}` in it stands for the id. */
const TRACE_URL_VARIABLE = 'POND_TRACE_URL';

/** Returns where a trace can be looked at, if the environment says so and there is one. */
export const traceLink = (
  traceParent: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string | null => {
  const template = environment[TRACE_URL_VARIABLE] ?? '';
  const traceId = traceIdOf(traceParent);
  return template === '' || traceId === null ? null : template.replaceAll('{trace_id}', traceId);
};
