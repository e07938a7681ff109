/** Contradictions between records on a server and what is kept beside them. */
export interface FleetCheck {
  readonly checked: {
    readonly records: number;
    readonly tasks: number;
    readonly plans: number;
    readonly runners: number;
    readonly claims: number;
  };
  /** Tasks whose state and attempts are kept otherwise than the records have them; null: there is nothing of it. */
  readonly states: readonly {
    readonly task: string;
    readonly derived: string | null;
    readonly recorded: string | null;
  }[];
  /** Stored plans with another checksum than theirs. */
  readonly damagedPlans: readonly { readonly checksum: string; readonly found: string }[];
  /** Commits whose plan is not stored. */
  readonly missingPlans: readonly { readonly txnSeq: number; readonly checksum: string }[];
  /** Claims on tasks that are not there. */
  readonly danglingClaims: readonly {
    readonly task: string;
    readonly token: number;
    readonly runnerId: string;
  }[];
  /** Configuration paths of which several tasks run. */
  readonly pathsRunTwice: readonly { readonly path: string; readonly tasks: readonly string[] }[];
}
