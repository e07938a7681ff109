/** Thrown where a file is in order and uses what this program does not read: a compression, an encoding, a type. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported';
}
