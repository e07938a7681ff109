/** A path of the pond, at a moment of its past; undefined: now. */
export interface Where {
  readonly pond: string;
  readonly path: string;
  readonly at: number | undefined;
}
