/** A text or a number that a server says, such as an id, a cursor or an address; empty for anything else. */
export const saidText = (value: unknown): string =>
  ['string', 'number', 'bigint'].includes(typeof value) ? String(value) : '';
