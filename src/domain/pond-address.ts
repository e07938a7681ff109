/**
 * Tells whether a pond is named by the address of a store, and not by its directory. What was only meant as one (`S3://`, `s3:/`) is taken for
 * one, too, and refused where it is read: a directory of such a name would be made without a word.
 */
export const isStoreAddress = (named: string): boolean =>
  /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:s3|file):)/i.test(named);
