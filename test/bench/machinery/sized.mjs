/**
 * A number of rounds, rows or commits, and what it is with `npm run bench -- --small`, which measures nothing: it shows that
 * every part still runs on the product as it is.
 */
export const sized = (usual, small) => (process.env.POND_BENCH_SMALL === undefined ? usual : small);
