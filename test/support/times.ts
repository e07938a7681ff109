const { POND_TEST_RUNS: asked, POND_TEST_SHARE: share = '1' } = process.env;

/** `npm test` tries one of so many: all of it is tried by `npm run test:property`, `test:crash` and `test:all`. */
export const SHARE = Number(share);

/** A law that is tried less often than this says too little. */
const LEAST = 10;

/** How often a law is tried: as often as `npm run test:property -- --runs N` asks for, else as is usual for it. */
export const times = (usual: number): { readonly numRuns: number } => ({
  numRuns: asked === undefined ? Math.max(Math.min(usual, LEAST), Math.ceil(usual / SHARE)) : Number(asked),
});
