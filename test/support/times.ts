const asked = process.env.POND_TEST_RUNS;

/** How often a law is tried: as often as `npm run test:property -- --runs N` asks for, else as is usual for it. */
export const times = (usual: number): { readonly numRuns: number } => ({
  numRuns: asked === undefined ? usual : Number(asked),
});
