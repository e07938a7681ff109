/** Another one each time, or the one that `POND_TEST_SEED` repeats. */
export const chosenSeed = (): number =>
  Number(process.env.POND_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
