/** `txnSeq` as `txn_seq`: names in JSON are written with underscores. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
