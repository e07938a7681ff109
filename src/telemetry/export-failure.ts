import type { OtlpTarget } from './configuration.js';

/** Responses of a collector that does not take a signal: over HTTP, and over gRPC. */
const NOT_TAKEN: readonly unknown[] = [404, 405, 12];

/** Tells whether a failure deserves a word: what nobody asked for by name may not be wanted by the collector. */
export const isWorthAWord = (error: unknown, { isAsked }: OtlpTarget): boolean =>
  isAsked || !NOT_TAKEN.includes(fieldOf(error, 'code'));

/** A failed export in a few words. Never the response of the collector, which may repeat what it was sent. */
export const describeExportFailure = (error: unknown): string => {
  const code = fieldOf(error, 'code');
  const message = error instanceof Error && error.message !== '' ? error.message : 'the export failed';
  return code === undefined || message.includes(String(code)) ? message : `${message} (${String(code)})`;
};

const fieldOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
