/** New identities. */
export interface Ids {
  /** A UUIDv7 (RFC 9562), later ones sorting after earlier ones. */
  readonly uuidV7: () => string;
}
