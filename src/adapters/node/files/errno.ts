/** The errno name of a failed call, `ENOENT`; where there is none, what the error says. */
export const errnoOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};
