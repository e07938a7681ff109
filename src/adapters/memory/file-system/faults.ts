/** A system call of the memory filesystem. What the port does in one call may be several: `open`, `write`, `fsync`. */
export interface MemoryCall {
  /** 1, 2, 3 ... from the making of the filesystem. */
  readonly count: number;
  /** Name of the call as errors have it: `open`, `read`, `write`, `mkdir`, `rename` ... */
  readonly call: string;
  /** Two for `rename` and `link`: from and to. */
  readonly paths: readonly string[];
}

/**
 * Decides before every system call takes effect: the errno name with which it fails, or null. What it throws leaves
 * through the port untouched.
 */
export type FaultRule = (call: MemoryCall) => string | null;

/** The `count`-th call fails, once. */
export const failAt =
  (count: number, code: string): FaultRule =>
  (call) =>
    call.count === count ? code : null;

/** Thrown, not returned: a process without power handles no error. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/** The power fails before the `count`-th call: neither it nor any later one has an effect. */
export const cutPowerAt = (count: number): FaultRule => {
  let cut: PowerCut | null = null;
  return (call) => {
    if (call.count < count) return null;
    cut ??= new PowerCut(`before ${call.call} ${call.paths.join(' ')}`);
    throw cut;
  };
};
