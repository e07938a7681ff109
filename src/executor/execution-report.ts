import type { OperationFailure } from './operation.js';

/** Report of a plan's operations, by id. Every operation is in exactly one of the first five lists. */
export interface ExecutionReport<E> {
  /** Operations that succeeded, and whose effects are there. */
  readonly executed: readonly string[];
  /** Operations that were begun, or prepared, and did not succeed. */
  readonly failed: readonly string[];
  /** Operations that were not run because one that they require did not succeed. */
  readonly skipped: readonly string[];
  /** Executed and then undone. */
  readonly rolledBack: readonly string[];
  /** Interrupted, never started, or left to another process: recovery's work. */
  readonly unfinished: readonly string[];
  /** Errors of the failed ones. */
  readonly errors: readonly OperationFailure<E>[];
  /** Operations that could not be undone. */
  readonly rollbackFailures: readonly OperationFailure<E>[];
  /** Milliseconds, of those that were executed or failed. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Tells whether everything was executed. */
export const succeeded = (report: ExecutionReport<unknown>): boolean =>
  report.failed.length + report.skipped.length + report.unfinished.length + report.rolledBack.length === 0;

/** Tells whether some of it took effect and stayed, and some of it failed. */
export const partiallyFailed = (report: ExecutionReport<unknown>): boolean =>
  report.executed.length > 0 && report.failed.length > 0;
