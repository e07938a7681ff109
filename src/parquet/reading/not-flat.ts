/** Thrown while a footer is read, and caught where that began: the file has what is not read here. */
export class NotFlat extends Error {
  override readonly name = 'NotFlat';
}
