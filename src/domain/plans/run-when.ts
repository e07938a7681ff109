import * as t from 'io-ts';

/**
 * Outcomes of those that an entry waits for with which it runs. `success`: all of them completed. `failure`: at least one
 * failed. `change`: one failed whose failure has not been told yet, or completed after one that was told. `always`:
 * once they have ended.
 */
export type RunWhen = 'success' | 'failure' | 'change' | 'always';

/** Fate of a task that is tried again after a later commit's task of its entry has completed. */
export type IfSuperseded = 'run' | 'skip';

export const RunWhenCodec: t.Type<RunWhen> = t.keyof({
  success: null,
  failure: null,
  change: null,
  always: null,
});

export const IfSupersededCodec: t.Type<IfSuperseded> = t.keyof({ run: null, skip: null });
