/** Chance. All of the shell's goes through it, so that tests decide how the dice fall. */
export interface Random {
  /** A number from 0 up to, without, 1. */
  readonly fraction: () => number;
}
