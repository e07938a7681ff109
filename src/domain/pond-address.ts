/** Tells whether a pond is named by the address of a store, and not by its directory. */
export const isStoreAddress = (named: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//.test(named);
