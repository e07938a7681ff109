import { createContextKey } from '@opentelemetry/api';

/**
 * The mark of a context whose span was read from a record and had not been recorded, often because nothing was configured on
 * that day: whether to record what joins its trace is decided again.
 */
export const JOINED = createContextKey('pond-steward: joined');
