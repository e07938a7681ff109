/**
 * The contents that are being made right now, by what the running code was called by: a factory that reads what another
 * one makes is called by that one. Each is followed through everything that is called and awaited.
 */
export interface ContentChains {
  /** Names of contents that are being made, the outermost first. */
  readonly current: () => readonly string[];
  readonly within: <A>(chain: readonly string[], work: () => A) => A;
}
